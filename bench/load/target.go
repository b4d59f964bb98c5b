package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
)

// target is the server as sockets and requests name it.
type target struct {
	addr  netip.AddrPort
	host  string // for the Host header
	path  string // with the query
	stats string // where /ws/stats is
}

// resolve finds the server of a ws URL. The name is looked up once: every connection goes to the same address.
func resolve(ctx context.Context, raw string) (*target, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("--url must look like ws://127.0.0.1:8000/ws")
	}
	if u.Scheme != "ws" {
		return nil, fmt.Errorf("--url begins with %s://, and this tool speaks ws:// only: aim it at the server behind the proxy, so that TLS is not what is measured", u.Scheme)
	}
	port := 80
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil || port < 1 || port > 1<<16-1 {
			return nil, fmt.Errorf("--url has the port %q: write one from 1 to 65535", u.Port())
		}
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return nil, fmt.Errorf("--url: %w", err)
	}
	path := u.RequestURI()
	if u.Path == "" {
		path = "/ws"
	}
	addr := found[0]
	for _, other := range found { // "localhost" has both, and the server listens on IPv4 by default
		if other.Unmap().Is4() {
			addr = other
			break
		}
	}
	return &target{netip.AddrPortFrom(addr.Unmap(), uint16(port)), u.Host, path, "http://" + u.Host + "/ws/stats"}, nil
}
