package protocol

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
)

// binaryProxy makes a version 2 header.
func binaryProxy(command, family byte, block ...byte) []byte {
	b := append([]byte(proxySignature), command, family)
	return append(binary.BigEndian.AppendUint16(b, uint16(len(block))), block...)
}

// between is an address block: source and destination, two ports, and TLVs.
func between(source, destination string, more ...byte) []byte {
	b := netip.MustParseAddr(source).AsSlice()
	b = append(b, netip.MustParseAddr(destination).AsSlice()...)
	return append(append(b, 0x10, 0, 0x20, 0), more...)
}

func TestProxyProtocolAccepted(t *testing.T) {
	tlvs := append([]byte{0x04, 0, 3, 1, 2, 3}, append([]byte{0x20, 0x0f, 0xa0}, make([]byte, 4000)...)...)
	for name, c := range map[string]struct{ header, source string }{
		"2.1 TCP4":                     {"PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n", "192.0.2.1"},
		"2.1 TCP6":                     {"PROXY TCP6 2001:db8::1 2001:db8::2 0 65535\r\n", "2001:db8::1"},
		"2.1 TCP6 with IPv4 in it":     {"PROXY TCP6 ::ffff:192.0.2.1 ::ffff:198.51.100.2 1 2\r\n", "192.0.2.1"},
		"2.1 TCP6 as nginx may say it": {"PROXY TCP6 192.0.2.1 2001:db8::2 1 2\r\n", "192.0.2.1"},
		"2.1 UNKNOWN":                  {"PROXY UNKNOWN\r\n", ""},
		"2.1 UNKNOWN and the longest there is": {"PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff " +
			"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", ""},
		"2.2 TCP over IPv4":          {string(binaryProxy(0x21, 0x11, between("192.0.2.1", "198.51.100.2")...)), "192.0.2.1"},
		"2.2 TCP over IPv6":          {string(binaryProxy(0x21, 0x21, between("2001:db8::1", "2001:db8::2")...)), "2001:db8::1"},
		"2.2 mapped IPv4":            {string(binaryProxy(0x21, 0x21, between("::ffff:192.0.2.1", "::ffff:198.51.100.2")...)), "192.0.2.1"},
		"2.2 with TLVs":              {string(binaryProxy(0x21, 0x11, between("192.0.2.1", "198.51.100.2", tlvs...)...)), "192.0.2.1"},
		"2.2 UNSPEC":                 {string(binaryProxy(0x21, 0x00)), ""},
		"2.2 UNSPEC with something":  {string(binaryProxy(0x21, 0x00, 1, 2, 3)), ""},
		"2.2 UDP":                    {string(binaryProxy(0x21, 0x12, between("192.0.2.1", "198.51.100.2")...)), ""},
		"2.2 UNIX":                   {string(binaryProxy(0x21, 0x31, make([]byte, 216)...)), ""},
		"2.2 LOCAL":                  {string(binaryProxy(0x20, 0x00)), ""},
		"2.2 LOCAL with addresses":   {string(binaryProxy(0x20, 0x11, between("192.0.2.1", "198.51.100.2")...)), ""},
		"2.2 LOCAL, a block cut off": {string(binaryProxy(0x20, 0x11, 1, 2, 3)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			stream := []byte(c.header + "GET /ws HTTP/1.1\r\n")
			for cut := range stream {
				got, refusal := ParseProxyHeader(stream[:cut])
				if partial := cut < len(c.header); refusal != nil || got.Partial != partial || partial != (got.Len == 0) {
					t.Fatalf("%d bytes of %d: %+v, %v", cut, len(c.header), got, refusal)
				}
			}
			got, _ := ParseProxyHeader(stream)
			if want, _ := netip.ParseAddr(c.source); got.Len != len(c.header) || got.Source != want {
				t.Fatalf("%+v, want %d bytes from %q", got, len(c.header), c.source)
			}
		})
	}
}

func TestProxyProtocolRefused(t *testing.T) {
	announces := func(size uint16) string {
		return string(binary.BigEndian.AppendUint16(append([]byte(proxySignature), 0x21, 0x11), size))
	}
	for name, header := range map[string]string{
		"bare LF":                "PROXY TCP4 192.0.2.1 198.51.100.2 1 2\n",
		"no family":              "PROXY \r\n",
		"another family":         "PROXY TCP5 192.0.2.1 198.51.100.2 1 2\r\n",
		"a family in lower case": "PROXY tcp4 192.0.2.1 198.51.100.2 1 2\r\n",
		"too few words":          "PROXY TCP4 192.0.2.1 198.51.100.2 1\r\n",
		"too many words":         "PROXY TCP4 192.0.2.1 198.51.100.2 1 2 3\r\n",
		"two spaces":             "PROXY TCP4  192.0.2.1 198.51.100.2 1 2\r\n",
		"a space at the end":     "PROXY TCP4 192.0.2.1 198.51.100.2 1 2 \r\n",
		"IPv6 as TCP4":           "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
		"mapped IPv4 as TCP4":    "PROXY TCP4 ::ffff:192.0.2.1 198.51.100.2 1 2\r\n",
		"a zone":                 "PROXY TCP6 fe80::1%eth0 fe80::2 1 2\r\n",
		"a name":                 "PROXY TCP4 localhost 198.51.100.2 1 2\r\n",
		"octal":                  "PROXY TCP4 192.0.2.01 198.51.100.2 1 2\r\n",
		"no destination":         "PROXY TCP4 192.0.2.1 x 1 2\r\n",
		"a port too high":        "PROXY TCP4 192.0.2.1 198.51.100.2 1 65536\r\n",
		"a port of zeros":        "PROXY TCP4 192.0.2.1 198.51.100.2 1 00\r\n",
		"a port with a sign":     "PROXY TCP4 192.0.2.1 198.51.100.2 +1 2\r\n",
		"an endless port":        "PROXY TCP4 192.0.2.1 198.51.100.2 1 18446744073709551617\r\n",
		"a method":               "PROXY /ws HTTP/1.1\r\n",
		"a line without end":     "PROXY UNKNOWN " + strings.Repeat("x", 93),
		"version 1 in binary":    string(binaryProxy(0x11, 0x11, between("192.0.2.1", "198.51.100.2")...)),
		"an unknown command":     string(binaryProxy(0x22, 0x11, between("192.0.2.1", "198.51.100.2")...)),
		"an unknown family":      string(binaryProxy(0x21, 0x41, make([]byte, 36)...)),
		"an unknown transport":   string(binaryProxy(0x21, 0x13, between("192.0.2.1", "198.51.100.2")...)),
		"LOCAL, unknown family":  string(binaryProxy(0x20, 0x13)),
		"no room for addresses":  announces(11),
		"64 KiB announced":       announces(0xffff),
		"a byte too many":        announces(maxProxyBlock + 1),
	} {
		if got, refusal := ParseProxyHeader([]byte(header)); refusal == nil || got != (ProxyHeader{}) || refusal.Status != 400 {
			t.Errorf("%s: %+v, %v", name, got, refusal)
		}
	}
}

func TestRequestsAreNotMistakenForProxyHeaders(t *testing.T) {
	for _, begin := range []string{"G", "GET / HTTP/1.1\r\n", "PUT", "PROPFIND", "PROXY\r\n", "PROXIES ", "\r\nGET", "\r\n\r\nG", "\x16\x03\x01", "\n"} {
		if got, refusal := ParseProxyHeader([]byte(begin)); got != (ProxyHeader{}) || refusal != nil {
			t.Errorf("%q: %+v, %v", begin, got, refusal)
		}
	}
}
