package admit

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

const (
	// AnyOrigin in a list of origins lets pages of every site connect.
	AnyOrigin = "*"

	// nullOrigin is the origin of a page without a site of its own, such as a local file or a sandboxed frame.
	nullOrigin = "null"

	// anySubdomain stands before a host for all of its subdomains, at any depth, and not for the host itself.
	anySubdomain = "*."

	letters = "abcdefghijklmnopqrstuvwxyz"
	digits  = "0123456789"
)

// usualPorts are left out of an Origin.
var usualPorts = map[string]string{"http": "80", "https": "443"}

// neverOrigins are schemes that no page's Origin has, with advice.
var neverOrigins = map[string]string{
	"ws":   "it is the scheme of the connection: write that of the page, http",
	"wss":  "it is the scheme of the connection: write that of the page, https",
	"file": "a page from a file sends null: write null",
	"data": "such a page sends null: write null",
	"blob": "such a page sends the Origin of the page that made it: write that one",
}

// browserNames converts a host to the form in which browsers send it.
var browserNames = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false))

// ParseOrigin returns the Origin that browsers send for text, or an error if they send none for it (RFC 6454 section
// 6.1). The host may begin with "*.". AnyOrigin and "null" are returned unchanged.
func ParseOrigin(text string) (string, error) {
	if text == AnyOrigin || text == nullOrigin {
		return text, nil
	}
	scheme, rest, found := strings.Cut(strings.ToLower(text), "://")
	switch {
	case !found || scheme == "" || strings.Trim(scheme, letters+digits+"+-.") != "":
		return "", errors.New("write a scheme and a host, such as https://chat.example or http://localhost:3000")
	case neverOrigins[scheme] != "":
		return "", errors.New(neverOrigins[scheme])
	case strings.ContainsAny(rest, "/?#@\\"):
		return "", errors.New("an Origin has neither a path nor a user: write a scheme and a host, such as https://chat.example")
	}
	rest, wild := strings.CutPrefix(rest, anySubdomain)
	u, err := url.Parse("any://" + rest)
	if err != nil || strings.HasSuffix(rest, ":") {
		return "", errors.New("what follows :// is no host, or no host and port: write such as https://chat.example or http://localhost:3000")
	}
	host, err := originHost(u.Hostname(), scheme, wild)
	if err != nil {
		return "", err
	}
	port, err := originPort(u.Port(), scheme)
	return scheme + "://" + host + port, err
}

// originHost returns a host in the form of browsers.
func originHost(host, scheme string, wild bool) (string, error) {
	addr, err := netip.ParseAddr(host)
	switch {
	case err == nil && wild:
		return "", errors.New("an address has no subdomains: leave out the *.")
	case err == nil && addr.Zone() != "":
		return "", errors.New("browsers take no address with a zone: leave out what follows %")
	case err == nil && addr.Is4In6():
		b := addr.As16()
		return fmt.Sprintf("[::ffff:%x:%x]", uint(b[12])<<8|uint(b[13]), uint(b[14])<<8|uint(b[15])), nil
	case err == nil && addr.Is6():
		return "[" + addr.String() + "]", nil
	case err == nil:
		return host, nil
	}
	name, err := browserNames.ToASCII(host)
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	if err != nil || strings.Trim(name, letters+digits+"-_.") != "" || slices.Contains(labels, "") {
		return "", errors.New("no browser sends this host: write a name or an address; * may stand at its beginning only, as in https://*.chat.example")
	}
	last := labels[len(labels)-1]
	if usualPorts[scheme] != "" && (strings.Trim(last, digits) == "" || strings.HasPrefix(last, "0x")) {
		return "", errors.New("browsers send an IPv4 address as four decimal numbers: write it so, such as http://127.0.0.1:3000")
	}
	if wild {
		name = anySubdomain + name
	}
	return name, nil
}

// originPort returns ":" and a port in the form of browsers.
func originPort(port, scheme string) (string, error) {
	if port == "" {
		return "", nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", errors.New("write a port from 1 to 65535")
	}
	port = strconv.FormatUint(n, 10)
	if port == usualPorts[scheme] {
		return "", errors.New("browsers leave the usual port out: leave out :" + port)
	}
	return ":" + port, nil
}

// OriginAllowed reports whether a handshake with this Origin header is allowed (RFC 6455 section 10.2). Programs send
// none. Without a list, a page must come from the host that it connects to, on any port.
func OriginAllowed(origin, host string, allowed []string) bool {
	if origin == "" || slices.Contains(allowed, AnyOrigin) {
		return true
	}
	if len(allowed) > 0 {
		return slices.ContainsFunc(allowed, func(a string) bool { return originMatches(origin, a) })
	}
	u, err := url.Parse(origin)
	return err == nil && u.Hostname() != "" && strings.EqualFold(u.Hostname(), hostname(host))
}

// originMatches compares an Origin header with one of a list of origins.
func originMatches(origin, allowed string) bool {
	scheme, parent, wild := strings.Cut(allowed, "://"+anySubdomain)
	if !wild {
		return strings.EqualFold(origin, allowed)
	}
	before, after := len(scheme)+len("://"), len(origin)-len(parent)-1
	return after > before && strings.EqualFold(origin[:before], scheme+"://") && origin[after] == '.' &&
		strings.EqualFold(origin[after+1:], parent) && !strings.ContainsAny(origin[before:after], ":/?#@\\")
}

// hostname removes the port and the brackets of an IPv6 address.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}
