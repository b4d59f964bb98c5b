package server

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

// AnyOrigin in Options.Origins lets pages of every site connect.
const AnyOrigin = "*"

// originAllowed says whether a handshake with this Origin header may go on (RFC 6455 §10.2). Programs send
// none. With no list, a page must come from the host it connects to, on whatever port.
func originAllowed(origin, host string, allowed []string) bool {
	if origin == "" || slices.Contains(allowed, AnyOrigin) {
		return true
	}
	if len(allowed) > 0 {
		return slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, origin) })
	}
	u, err := url.Parse(origin)
	return err == nil && u.Hostname() != "" && strings.EqualFold(u.Hostname(), hostname(host))
}

// hostname takes the port and an IPv6 address's brackets off.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}
