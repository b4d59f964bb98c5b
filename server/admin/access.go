package admin

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// allowed applies the access rule to one of the administrator's calls. It returns the caller, or a refusal.
func (c *sidecar) allowed(r *http.Request) (by caller, refused *fault) {
	if len(c.holders) == 0 {
		return caller{localCaller, Write}, localOnly(r)
	}
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	found, ok := c.holders.find(strings.TrimSpace(given))
	switch {
	case !strings.EqualFold(scheme, "Bearer") || !ok:
		return by, &fault{401, "unauthorized", "send Authorization: Bearer with the server's ADMIN_TOKEN, or with one of its ADMIN_TOKENS"}
	case found.right != Write && r.Method != http.MethodGet && r.Method != http.MethodHead:
		return caller{found.name, found.right}, &fault{403, "read_only", "this token may only read: use one with the right write"}
	}
	return caller{found.name, found.right}, nil
}

// localOnly allows requests that programs on this host send directly. It refuses a request that came through a proxy,
// because every client of a proxy on this host would be local, and a request that a browser sent for a web page.
func localOnly(r *http.Request) *fault {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	proxied, _ := r.Context().Value(proxiedKey{}).(bool)
	switch {
	case proxied || forwarded(r.Header):
		return &fault{403, "forwarded", "without ADMIN_TOKEN the server answers no request that came through a proxy: set ADMIN_TOKEN and send it as a Bearer token"}
	case !boundToLoopback(r) || local == nil || !loopbackAddr(local.String()) || !loopbackAddr(r.RemoteAddr):
		return &fault{403, "not_local", "without ADMIN_TOKEN the server answers only this host, on a loopback address: set ADMIN_TOKEN and send it as a Bearer token"}
	case !loopbackName(r.Host):
		return &fault{403, "foreign_host", "the Host header must name this host: use 127.0.0.1 or localhost, or set ADMIN_TOKEN"}
	case r.Method == http.MethodPost && !isJSON(r.Header) && !bare(r):
		return notJSON
	case foreignOrigin(r):
		return &fault{403, "foreign_origin", "the server answers no request from a page of another site; set ADMIN_TOKEN to allow tools in a browser"}
	}
	return nil
}

// bare reports whether a POST has neither a body nor a content type, as a script sends one that calls for an action. A
// form in a page always has a content type, and every other request of a page an Origin.
func bare(r *http.Request) bool {
	return !announcesBody(r) && r.Header["Content-Type"] == nil && r.Header["Origin"] == nil
}

// boundToLoopback reports whether only this host can reach the listener that accepted the request. It checks the
// address that the listener is bound to, not the destination of the request: a program on this host may forward
// requests from anywhere to a loopback address.
func boundToLoopback(r *http.Request) bool {
	bind, _ := r.Context().Value(bindKey{}).(string)
	host, _, err := net.SplitHostPort(bind)
	return err == nil && loopbackName(host)
}

func loopbackAddr(hostPort string) bool {
	addr, err := netip.ParseAddrPort(hostPort)
	return err == nil && addr.Addr().Unmap().IsLoopback()
}

// forwarded reports whether the headers show that a proxy passed the request on.
func forwarded(h http.Header) bool {
	for name := range h {
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return true
		}
	}
	return false
}

// loopbackName reports whether a Host header, with or without a port, is a name of this host that no foreign name server
// can resolve to it.
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

// foreignOrigin reports whether a browser sent the request for a page that this server does not serve: a page of
// another site, or of another program on this host. Browsers send Origin with every POST and with the requests of
// scripts to other sites; Sec-Fetch-Site covers links and forms that come without it. "none" means that the user
// typed the address.
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
