package doctor

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"momentum/internal/adminapi"
)

const (
	// dialPatience limits each connection through the proxy.
	dialPatience = 10 * time.Second

	// renewal is how long before its end a certificate should have been renewed; ACME clients do so 30 days before.
	renewal = 14 * 24 * time.Hour

	// bookPatience is how long the node may take to record the end of a connection.
	bookPatience = 3 * time.Second

	// loopbackSource is a loopback address that no program uses, so that a node behind a proxy on this host can tell
	// the client's address from the proxy's.
	loopbackSource = "127.77.77.77"

	// claimed is an address that no client has (RFC 5737). If the node sees it, it trusts addresses that clients claim.
	claimed = "192.0.2.99"
)

// Front is the way of clients to the node.
type Front struct {
	URL   string // wss://host/ws
	Token string
	User  string // id of the token's user
	Admin *adminapi.Client
	Now   func() time.Time
}

// Proxies examines the certificate, and the address that the node sees.
func Proxies(ctx context.Context, f *Front, n *Node) (all []Finding) {
	u, err := url.Parse(f.URL)
	if err != nil || u.Host == "" || u.Scheme != "ws" && u.Scheme != "wss" {
		return []Finding{problem("proxy", nil, "--through is %q: write a URL such as wss://chat.example/ws", f.URL)}
	}
	if u.Scheme == "wss" {
		all = append(all, certificate(ctx, u, f.Now()))
	}
	return append(all, f.address(ctx, u, n))
}

// certificate examines the certificate that the proxy shows.
func certificate(ctx context.Context, u *url.URL, now time.Time) Finding {
	const subject = "certificate"
	address := u.Host
	if u.Port() == "" {
		address = net.JoinHostPort(u.Hostname(), "443")
	}
	ctx, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	c, err := (&tls.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return problem(subject, []string{"nginx: ssl_certificate with the whole chain; HAProxy: crt with chain and key"}, "TLS to %s fails: %v", address, err)
	}
	defer c.Close()
	return expiry(c.(*tls.Conn).ConnectionState().PeerCertificates[0].NotAfter, now)
}

func expiry(end, now time.Time) Finding {
	if left := end.Sub(now); left < renewal {
		return warning("certificate", []string{"certbot renew, and reload the proxy"}, "it expires in %.0f days, on %s", left.Hours()/24, end.UTC().Format(time.DateOnly))
	}
	return ok("certificate", "it expires on %s", end.UTC().Format(time.DateOnly))
}

// dial makes a handshake through the proxy. A refused one has an address in the node's book, too.
func (f *Front) dial(ctx context.Context, u *url.URL, options *websocket.DialOptions) (c *websocket.Conn, local netip.Addr, err error) {
	dialer := net.Dialer{}
	if addresses, _ := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname()); len(addresses) > 0 && addresses[0].Unmap().Is4() && addresses[0].IsLoopback() {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(loopbackSource)}
	}
	var reached atomic.Pointer[netip.Addr] // a dial may end after the handshake has been given up
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, address)
		if err == nil {
			from := c.LocalAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
			reached.Store(&from)
		}
		return c, err
	}}
	options.HTTPClient = &http.Client{Transport: transport}
	options.HTTPHeader = http.Header{"Authorization": {"Bearer " + f.Token}, "X-Forwarded-For": {claimed}}
	dialing, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	c, _, err = websocket.Dial(dialing, f.URL, options) //nolint:bodyclose // the library closes it
	if from := reached.Load(); from != nil {
		local = *from
	}
	return c, local, err
}

// address compares the address that the node sees with that of this host.
func (f *Front) address(ctx context.Context, u *url.URL, n *Node) Finding {
	const subject = "client address"
	since := f.Now().Add(-time.Second)
	c, local, err := f.dial(ctx, u, &websocket.DialOptions{})
	if err == nil {
		_ = c.Close(websocket.StatusNormalClosure, "")
	}
	if !local.IsValid() {
		return problem(subject, nil, "%s cannot be reached: %v", u.Host, err)
	}
	seen, bookErr := f.seen(ctx, since)
	if bookErr != nil {
		return warning(subject, nil, "the node does not say which address it saw: %v (handshake: %v)", bookErr, err)
	}
	return addressFinding(seen, local, n)
}

// seen asks the node for the address of the last connection of the token's user.
func (f *Front) seen(ctx context.Context, since time.Time) (netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, bookPatience)
	defer cancel()
	look := time.NewTicker(bookPatience / 30)
	defer look.Stop()
	for {
		var page struct {
			Closes []struct {
				Address string `json:"address"`
			} `json:"closes"`
		}
		path := "/ws/closes?limit=1&user=" + f.User + "&since=" + url.QueryEscape(since.UTC().Format(time.RFC3339))
		if err := f.Admin.Call(ctx, "GET", path, &page); err != nil {
			return netip.Addr{}, err
		}
		if len(page.Closes) > 0 {
			return netip.ParseAddr(page.Closes[0].Address)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return netip.Addr{}, errors.New("the connection is not in GET /ws/closes: does --through lead to the node of --admin-addr?")
		}
	}
}

// addressFinding reports whether the address that the node saw is the client's.
func addressFinding(seen, local netip.Addr, n *Node) Finding {
	const subject = "client address"
	trusted := false
	for _, p := range n.Proxies {
		trusted = trusted || p.Contains(seen)
	}
	switch {
	case seen == netip.MustParseAddr(claimed):
		return problem(subject, []string{"nginx: proxy_set_header X-Forwarded-For $remote_addr; HAProxy: http-request set-header X-Forwarded-For %[src]"},
			"the node believes the X-Forwarded-For of a client: the proxy passes it on, and adds nothing")
	case seen == local:
		return ok(subject, "the node sees the client's address, %v", seen)
	case trusted:
		return problem(subject, []string{"nginx: proxy_set_header X-Forwarded-For $remote_addr; HAProxy: send-proxy-v2 on the server line"},
			"the node sees %v, its proxy, for every client: the proxy does not say the client's address", seen)
	case seen.IsLoopback() || len(n.Proxies) > 0:
		return problem(subject, inSettings(fmt.Sprintf("TRUSTED_PROXIES=%v", seen)),
			"the node sees %v, and the client is %v: it does not trust the proxy, so that all clients count as one address", seen, local)
	}
	return warning(subject, inSettings(fmt.Sprintf("TRUSTED_PROXIES=%v, if that is the proxy's address", seen)),
		"the node sees %v, and the client is %v: either a network on the way translates addresses, or the node does not trust its proxy", seen, local)
}

// SubjectOf returns the user of a token, whose signature the node checks.
func SubjectOf(token string) (user string, err error) {
	parts := strings.Split(token, ".")
	var claims struct {
		Subject string `json:"sub"`
	}
	if len(parts) == 3 {
		var text []byte
		if text, err = base64.RawURLEncoding.DecodeString(parts[1]); err == nil {
			err = json.Unmarshal(text, &claims)
		}
	}
	if err != nil || claims.Subject == "" {
		return "", errors.New("the token is no JWT with a sub")
	}
	return claims.Subject, nil
}
