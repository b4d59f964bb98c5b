package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// target is the server's address in the forms that sockets and requests need.
type target struct {
	addr     netip.AddrPort
	endpoint endpoint
	host     string // for the Host header
	path     string // with the query
	stats    string // the URL of /ws/stats
}

// resolve finds the server of a ws URL. The name is looked up once, so that every connection goes to the same address.
func resolve(ctx context.Context, raw string) (*target, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("--url must look like ws://127.0.0.1:8000/ws")
	}
	if u.Scheme != "ws" {
		return nil, fmt.Errorf("--url begins with %s://, and this tool supports ws:// only: use the address of the server itself instead of its proxy, so that TLS is not what is measured", u.Scheme)
	}
	port := 80
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil || port < 1 || port > 1<<16-1 {
			return nil, fmt.Errorf("--url has the port %q: write one from 1 to 65535", u.Port())
		}
	}
	addr, err := lookUp(ctx, u.Hostname())
	if err != nil {
		return nil, fmt.Errorf("--url: %w", err)
	}
	to := netip.AddrPortFrom(addr, uint16(port))
	endpoint, err := newEndpoint(to)
	if err != nil {
		return nil, fmt.Errorf("--url: %w", err)
	}
	if u.Path == "" {
		u.Path = "/ws"
	}
	return &target{
		addr: to, endpoint: endpoint, host: withoutZone(u.Host), path: u.RequestURI(),
		stats: (&url.URL{Scheme: "http", Host: u.Host, Path: "/ws/stats"}).String(),
	}, nil
}

// lookUp returns an address of the host, an IPv4 one if there is one: "localhost" has both, and the server listens on
// IPv4 by default. A link-local address keeps its zone, which names its interface.
func lookUp(ctx context.Context, host string) (netip.Addr, error) {
	found, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return netip.Addr{}, err
	}
	var first netip.Addr
	for _, one := range found {
		addr, ok := netip.AddrFromSlice(one.IP)
		addr = addr.Unmap().WithZone(one.Zone)
		if ok && addr.Is4() {
			return addr, nil
		}
		if ok && !first.IsValid() {
			first = addr
		}
	}
	if !first.IsValid() {
		return first, fmt.Errorf("%s has no address", host)
	}
	return first, nil
}

// withoutZone removes the zone from an address. It has a meaning on this host only (RFC 6874 §3).
func withoutZone(host string) string {
	address, port, found := strings.Cut(host, "]")
	if address, _, zoned := strings.Cut(address, "%"); found && zoned {
		return address + "]" + port
	}
	return host
}
