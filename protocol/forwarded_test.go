package protocol

import (
	"net/netip"
	"testing"
)

func TestClientBehindProxies(t *testing.T) {
	inside := netip.MustParsePrefix("10.0.0.0/8")
	trusted := func(a netip.Addr) bool { return inside.Contains(a) }
	for name, c := range map[string]struct {
		peer    string
		headers []string
		want    string
	}{
		"no header":                             {"10.0.0.1", nil, "10.0.0.1"},
		"one proxy":                             {"10.0.0.1", []string{"192.0.2.1"}, "192.0.2.1"},
		"two proxies":                           {"10.0.0.1", []string{"192.0.2.1, 10.0.0.2"}, "192.0.2.1"},
		"two headers are one list":              {"10.0.0.1", []string{"192.0.2.1", "10.0.0.2"}, "192.0.2.1"},
		"the client's own claims are not asked": {"10.0.0.1", []string{"203.0.113.9, 192.0.2.1"}, "192.0.2.1"},
		"nor in a header of their own":          {"10.0.0.1", []string{"203.0.113.9", "192.0.2.1, 10.0.0.2"}, "192.0.2.1"},
		"a peer that is not trusted":            {"192.0.2.7", []string{"203.0.113.9"}, "192.0.2.7"},
		"not trusted, and claims to be":         {"192.0.2.7", []string{"203.0.113.9, 10.0.0.2"}, "192.0.2.7"},
		"all are trusted":                       {"10.0.0.1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"no address":                            {"10.0.0.1", []string{"unknown"}, "10.0.0.1"},
		"no address further on":                 {"10.0.0.1", []string{"192.0.2.1, _hidden, 10.0.0.2"}, "10.0.0.2"},
		"garbage after the client's address":    {"10.0.0.1", []string{"garbage, 192.0.2.1"}, "192.0.2.1"},
		"empty elements":                        {"10.0.0.1", []string{" , 192.0.2.1 ,, ,"}, "192.0.2.1"},
		"an empty header":                       {"10.0.0.1", []string{""}, "10.0.0.1"},
		"a port":                                {"10.0.0.1", []string{"192.0.2.1:4711"}, "192.0.2.1"},
		"IPv6":                                  {"10.0.0.1", []string{"2001:db8::1"}, "2001:db8::1"},
		"IPv6 in brackets":                      {"10.0.0.1", []string{"[2001:db8::1]"}, "2001:db8::1"},
		"IPv6 with a port":                      {"10.0.0.1", []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		"mapped IPv4":                           {"10.0.0.1", []string{"::ffff:192.0.2.1, ::ffff:10.0.0.2"}, "192.0.2.1"},
		"IPv4 in brackets":                      {"10.0.0.1", []string{"[192.0.2.1]"}, "10.0.0.1"},
		"a zone":                                {"10.0.0.1", []string{"fe80::1%eth0"}, "10.0.0.1"},
		"a zone with a port":                    {"10.0.0.1", []string{"[fe80::1%eth0]:1"}, "10.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			var changes []string
			for _, h := range c.headers {
				changes = append(changes, "+X-Forwarded-For: "+h)
			}
			var h Handshake
			if refusal := h.Parse(head(changes...)); refusal != nil {
				t.Fatal(refusal)
			}
			if got := h.Client(netip.MustParseAddr(c.peer), trusted); got != netip.MustParseAddr(c.want) {
				t.Errorf("%v, want %s", got, c.want)
			}
			if refusal := h.Parse(head()); refusal != nil || h.Client(netip.MustParseAddr("10.0.0.9"), trusted).String() != "10.0.0.9" {
				t.Error("a reused Handshake keeps the header")
			}
		})
	}
}
