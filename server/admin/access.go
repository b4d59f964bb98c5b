package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// allowed applies the access rule to one of the administrator's calls, and returns nil if it may go on.
func (c *sidecar) allowed(r *http.Request) *fault {
	if c.Token != "" {
		return c.tokenHeld(r)
	}
	return localOnly(r)
}

// tokenHeld compares digests, so that neither the comparison nor its length tells anything of the token.
func (c *sidecar) tokenHeld(r *http.Request) *fault {
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	want, got := sha256.Sum256([]byte(c.Token)), sha256.Sum256([]byte(strings.TrimSpace(given)))
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
		return &fault{401, "unauthorized", "send Authorization: Bearer with the server's ADMIN_TOKEN"}
	}
	return nil
}

// localOnly lets programs on this host in, directly: not what came through a proxy, which makes everybody
// local, and not what a web page had a browser send.
func localOnly(r *http.Request) *fault {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	proxied, _ := r.Context().Value(proxiedKey{}).(bool)
	switch {
	case proxied || forwarded(r.Header):
		return &fault{403, "forwarded", "without ADMIN_TOKEN nothing that came through a proxy is answered: set ADMIN_TOKEN and send it as a Bearer token"}
	case !boundToLoopback(r) || local == nil || !loopbackAddr(local.String()) || !loopbackAddr(r.RemoteAddr):
		return &fault{403, "not_local", "without ADMIN_TOKEN only this host is answered, on a loopback address: set ADMIN_TOKEN and send it as a Bearer token"}
	case !loopbackName(r.Host):
		return &fault{403, "foreign_host", "the Host header must name this host: use 127.0.0.1 or localhost, or set ADMIN_TOKEN"}
	case r.Method == http.MethodPost && !isJSON(r.Header) && !bare(r):
		return notJSON
	case foreignOrigin(r):
		return &fault{403, "foreign_origin", "requests that another site's page sends are not answered; set ADMIN_TOKEN to allow tools in a browser"}
	}
	return nil
}

// bare reports whether a POST has neither a body nor a content type, as a script sends one that calls for an action. A
// form in a page always has a content type, and every other request of a page an Origin.
func bare(r *http.Request) bool {
	return !announcesBody(r) && r.Header["Content-Type"] == nil && r.Header["Origin"] == nil
}

// boundToLoopback says whether the listener that a request came to can be reached from this host alone. Where it
// is bound is what counts, not by which of its addresses it was reached: something on this host may pass on to a
// loopback address what came from anywhere.
func boundToLoopback(r *http.Request) bool {
	bind, _ := r.Context().Value(bindKey{}).(string)
	host, _, err := net.SplitHostPort(bind)
	return err == nil && loopbackName(host)
}

func loopbackAddr(hostPort string) bool {
	addr, err := netip.ParseAddrPort(hostPort)
	return err == nil && addr.Addr().Unmap().IsLoopback()
}

// forwarded says whether a proxy has left a trace.
func forwarded(h http.Header) bool {
	for name := range h {
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return true
		}
	}
	return false
}

// loopbackName says whether a Host header, with or without a port, is a name of this host that no foreign
// name server can hand out.
func loopbackName(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && addr.Unmap().IsLoopback()
}

// foreignOrigin says whether a page that is not this server's own had a browser send this: another site's, or
// one that another program serves on this host. Browsers send Origin with every POST and with what scripts ask
// of other sites; Sec-Fetch-Site tells of links and forms that come without. "none" is a person's own typing.
func foreignOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return true
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || !strings.EqualFold(u.Host, r.Host)
}
