package server

import (
	"bufio"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"momentum/internal/serial"
	"momentum/server/admit"
)

// capped is a world in which an address may have two sockets, and 10.0.0.0/8 is trusted.
func capped(t testing.TB) *world {
	return newWorld(t, 1, func(o *Options) {
		o.MaxPerAddress, o.MaxPerUser = 2, 3
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	})
}

func (w *world) from(address string) *world {
	w.net.From = netip.MustParseAddr(address)
	return w
}

// proxyV2 is a version 2 header for a TCP connection over IPv4, with a TLV.
func proxyV2(source string) []byte {
	from := netip.MustParseAddr(source).As4()
	b := append([]byte("\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x10"), from[:]...)
	return append(b, 198, 51, 100, 2, 0x10, 0, 0x01, 0xbb, 4, 0, 1, 9)
}

func proxyV1(source string) []byte {
	return []byte("PROXY TCP4 " + source + " 198.51.100.2 4096 443\r\n")
}

// through adds the header that a proxy adds to a request.
func through(request []byte, forwardedFor string) []byte {
	return []byte(strings.Replace(string(request), "\r\n\r\n", "\r\nX-Forwarded-For: "+forwardedFor+"\r\n\r\n", 1))
}

// TestCountsAreGivenBackAtEveryStep breaks each kind of conversation off after every byte, in every way there is, also
// when the connection was one too many: each count is given back, once.
func TestCountsAreGivenBackAtEveryStep(t *testing.T) {
	request := upgradeRequest(capped(t).token("alice"))
	talk := append(append([]byte{}, frame(1, []byte(`{"message_type":"ping"}`))...), frame(8, []byte{3, 232})...)
	plain := []byte("GET /ws/stats HTTP/1.1\r\nHost: a\r\n\r\n")
	ends := []func(*client){
		func(c *client) { c.Reset() }, func(c *client) { c.HangUp() }, func(*client) {}, // in time
		func(c *client) { c.FailAt = 1 },
	}
	seen := map[string]uint64{}
	for name, c := range map[string]struct {
		from   string
		stream []byte
	}{
		"direct":             {"192.0.2.1", append(request, talk...)},
		"version 1":          {"10.0.0.1", append(append(proxyV1("192.0.2.1"), request...), talk...)},
		"version 2":          {"10.0.0.1", append(append(proxyV2("192.0.2.1"), request...), talk...)},
		"X-Forwarded-For":    {"10.0.0.1", append(through(request, "192.0.2.1"), talk...)},
		"both":               {"10.0.0.1", append(append(proxyV1("10.0.0.2"), through(request, "192.0.2.1")...), talk...)},
		"a proxy for itself": {"10.0.0.1", append(request, talk...)},
		"bad token":          {"192.0.2.1", upgradeRequest("a.b.c")},
		"not HTTP":           {"10.0.0.1", append(proxyV2("192.0.2.1"), "nonsense\r\n\r\n"...)},
		"plain HTTP":         {"10.0.0.1", append(proxyV2("192.0.2.1"), plain...)},
		"broken header":      {"10.0.0.1", []byte("PROXY TCP4 nobody\r\n")},
	} {
		for others := range 2 { // with two there already this one is refused
			t.Run(fmt.Sprint(name, others*2), func(t *testing.T) {
				serial.Test(t)
				w := capped(t)
				for cut := 0; cut <= len(c.stream); cut += 1 + len(c.stream)/97 {
					for _, end := range ends {
						w.oneBreaksOff(t, c.from, c.stream[:cut], others*2, end)
					}
				}
				maps.Copy(seen, w.server.Stats().Refused)
				maps.Copy(seen, w.server.Stats().Closed)
			})
		}
	}
	for _, way := range []string{"address_full", "bad_request", "token", "handshake_timeout", "http_full", "early", "gone", "peer_closed"} {
		if seen[way] == 0 {
			t.Errorf("no conversation ended as %q; these did: %v", way, seen)
		}
	}
}

func (w *world) oneBreaksOff(t *testing.T, from string, sent []byte, others int, end func(*client)) {
	w.clients = nil
	for i := range others {
		w.from("192.0.2.1").join(fmt.Sprint("other", i))
	}
	c := w.from(from).dial("alice")
	c.Send(sent[:len(sent)/2])
	c.Send(sent[len(sent)/2:])
	w.net.Step()
	if err := w.audit(); err != nil {
		t.Fatalf("after %d bytes: %v", len(sent), err)
	}
	end(c)
	for i := range others {
		w.clients[i].HangUp()
	}
	w.net.Jump(HandshakeTimeout + time.Second)
	w.net.Jump(2 * time.Second)
	if c.HangUp(); w.server.addresses.Count() != 0 || w.server.slots.Taken() != 0 || w.server.group.Open() != 0 {
		t.Fatalf("after %d bytes, with all gone: %d counted under addresses, %d connection slots, %d sockets", len(sent),
			w.server.addresses.Count(), w.server.slots.Taken(), w.server.group.Open())
	}
}

// TestOneAddressCannotHoldMore opens far more connections than an address may have, without reading or writing: a few
// stay for a moment to send their request and get a refusal, the others are closed at once, and a connection that ends
// makes room for another.
func TestOneAddressCannotHoldMore(t *testing.T) {
	w := capped(t)
	w.from("192.0.2.1").join("alice")
	w.join("bob")
	const attempts = 500
	for range attempts {
		w.dial("eve")
	}
	if open := w.server.group.Open(); open != 2+admit.RefusedAtOnce {
		t.Errorf("%d sockets are open of an address that may hold 2", open)
	}
	if received := w.from("192.0.2.2").join("carol").received(); received[0] != "101" {
		t.Errorf("another address got %q", received)
	}
	w.clients[0].HangUp() // while the refused connections still linger
	if received := w.from("192.0.2.1").join("dave").received(); received[0] != "101" {
		t.Errorf("a freed place is not given again: %q", received)
	}
	w.net.Advance(crowdedTimeout)
	if got := w.server.Stats().Refused["address_full"]; got != attempts {
		t.Errorf("%d of %d refusals are counted", got, attempts)
	}
	answer := string(w.clients[2].Peer.Received())
	if !strings.HasPrefix(answer, "HTTP/1.1 429 Too Many Requests\r\n") || !strings.Contains(answer, "\r\nRetry-After: ") {
		t.Errorf("one connection too many got %q", answer)
	}
	w.net.Advance(2 * time.Second)
	if open := w.server.group.Open(); open != 3 || w.audit() != nil {
		t.Errorf("%d sockets are left of 3 connections; audit %v", open, w.audit())
	}
}

// TestHandshakesOfOneUserRace has 100 handshakes of one user reach two reactors and two workers at once.
func TestHandshakesOfOneUserRace(t *testing.T) {
	const handshakes, most = 100, 5
	o := realOptions()
	o.MaxPerUser = most
	n := startReal(t, o)
	token := realToken(t, "alice")
	start, joined := make(chan struct{}), make(chan *wire, handshakes)
	var all sync.WaitGroup
	for range handshakes {
		all.Go(func() {
			<-start
			w, err := join(n.addr, token)
			switch {
			case err == nil:
				joined <- w
			case !strings.HasPrefix(err.Error(), `429 Too Many Requests: {"error":"user_full",`):
				t.Error(err)
			}
		})
	}
	close(start)
	all.Wait()
	if got, refused := len(joined), n.Stats().Refused["user_full"]; got != most || refused != handshakes-most {
		t.Fatalf("%d of %d got in, %d were refused; want %d in", got, handshakes, refused, most)
	}
	(<-joined).Close()
	eventually(t, "a place is free", func() bool { return n.sessionsNow() == most-1 })
	mustJoin(t, n, "alice").Close()
	for range most - 1 {
		(<-joined).Close()
	}
	eventually(t, "nothing is left", func() bool {
		known, err := n.hub.Audit()
		return n.sessionsNow() == 0 && n.slots.Taken() == 0 && known == 0 && err == nil
	})
}

// TestARefusedAddressGetsTheReason checks that each of many connections beyond the limit reads the reason of its refusal.
func TestARefusedAddressGetsTheReason(t *testing.T) {
	o := realOptions()
	o.MaxPerAddress = 1
	n := startReal(t, o)
	w := mustJoin(t, n, "alice")
	for range 20 {
		if status, body := exchange(t, n.addr, string(upgradeRequest(realToken(t, "bob")))); status != 429 || body.Error != "address_full" {
			t.Fatalf("answered %d %+v", status, body)
		}
	}
	w.Close()
	eventually(t, "nothing is counted", func() bool { return n.addresses.Count() == 0 })
}

// TestProxyHeadersOnTheWire has a proxy on this host forward two clients, in one piece and byte by byte, in both
// versions, and refuses the header from a client of another loopback address.
func TestProxyHeadersOnTheWire(t *testing.T) {
	o := realOptions()
	o.MaxPerAddress, o.TrustedProxies = 2, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	n := startReal(t, o)
	request := upgradeRequest(realToken(t, "alice"))
	first, err := joinWith(n.addr, append(proxyV1("192.0.2.1"), request...))
	if err != nil {
		t.Fatal(err)
	}
	second, err := dialWire(n.addr)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range append(proxyV2("192.0.2.1"), request...) {
		if _, err := second.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	if answer, err := http.ReadResponse(second.in, nil); err != nil || answer.StatusCode != 101 {
		t.Fatal(answer, err)
	}
	for version, header := range map[int][]byte{1: proxyV1("192.0.2.1"), 2: proxyV2("192.0.2.1")} {
		if status, body := exchange(t, n.addr, string(append(header, request...))); status != 429 || body.Error != "address_full" {
			t.Errorf("a third, by version %d: %d %+v", version, status, body)
		}
	}
	other, err := joinWith(n.addr, append(proxyV2("192.0.2.2"), request...))
	if err != nil {
		t.Fatal(err)
	}
	first.Close()
	eventually(t, "a place is free", func() bool {
		third, err := joinWith(n.addr, append(proxyV1("192.0.2.1"), request...))
		if err != nil {
			return false
		}
		third.Close()
		return true
	})
	stranger := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	c, err := stranger.DialContext(t.Context(), "tcp", n.addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(append(proxyV2("192.0.2.3"), request...)); err != nil {
		t.Fatal(err)
	}
	if answer, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || answer.StatusCode != 400 {
		t.Errorf("a stranger's PROXY header is answered with %v, %v", answer, err)
	}
	for _, closed := range []net.Conn{second, other, c} {
		closed.Close()
	}
	eventually(t, "nothing is counted", func() bool { return n.addresses.Count() == 0 && n.group.Open() == 0 })
}
