package protocol

import (
	"testing"
)

// TestRFC9110Section72Host holds that text that is not a host is refused, in the header and in an absolute target.
func TestRFC9110Section72Host(t *testing.T) {
	for host, valid := range map[string]bool{
		"example.com": true, "example.com:8000": true, "example.com:": true, "127.0.0.1:80": true, "a_b~c": true, "a.": true,
		"[::1]": true, "[::1]:8000": true, "[2001:db8::1]:": true, "[::ffff:127.0.0.1]": true,
		"[::": false, "::1": false, ":::": false, ":80": false, ":": false, "x:abc": false, "x:80:80": false, "x:+1": false,
		"[]": false, "[x]": false, "[127.0.0.1]": false, "[::1]8000": false, "x[::1]": false, "[[::1]": false, "[::1]]": false, "[": false,
		"::1]": false, "[::1%25eth0]": false, "a%2eb": false,
	} {
		var h Handshake
		for _, head := range [][]byte{head("Host: " + host), head("GET http://" + host + "/ws HTTP/1.1")} {
			if r := h.Parse(head); (r == nil) != valid || valid && string(h.Host) != host {
				t.Errorf("%q: refusal %v, host %q", head, r, h.Host)
			}
		}
	}
}
