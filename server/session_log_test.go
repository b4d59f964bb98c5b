package server

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"momentum/netpoll"
	"momentum/server/admit"
	"momentum/server/reason"
)

// newLoggedWorld is a node of one reactor; the test reads its log at level info.
func newLoggedWorld(t *testing.T, change func(*Options)) (*world, *bytes.Buffer) {
	t.Helper()
	log := new(bytes.Buffer)
	return newWorld(t, 1, func(o *Options) {
		o.Reactors, o.RateLimit, o.Log = 1, 20, slog.New(slog.NewTextHandler(log, nil))
		if change != nil {
			change(o)
		}
	}), log
}

// abuse has a client do the thing for which it is closed. bob is another client, which sends to it.
var abuse = map[reason.Reason]func(w *world, c, bob *client){
	reason.ClosedProtocol: func(_ *world, c, _ *client) { c.Send([]byte{0x83, 0x80, 0, 0, 0, 0}) },
	reason.ClosedRate: func(_ *world, c, _ *client) {
		for range 100 {
			c.text("{}")
		}
	},
	reason.ClosedFlood:  func(_ *world, c, _ *client) { c.Send(bytes.Repeat(frame(9, nil), admit.ControlBurst+1)) },
	reason.ClosedSlow:   readNothing,
	reason.ClosedMemory: readNothing, // of a node with little of it
}

// readNothing has bob send a megabyte, within his rate, to a client that does not read.
func readNothing(w *world, c, bob *client) {
	c.Window = 0
	for range netpoll.DefaultOutbound.Hard/60000 + 1 {
		bob.text(fmt.Sprintf(`{"id":"m","message_type":"text","data":"%060000d"}`, 0))
		w.net.Advance(time.Second)
	}
}

// TestClientsClosedForTheirBehaviorAreNamed: the log has the client, its address, and how much it had sent and was
// queued.
func TestClientsClosedForTheirBehaviorAreNamed(t *testing.T) {
	counts := map[reason.Reason]string{ // rate: a burst of two seconds, then a second's messages and one more
		reason.ClosedProtocol: `messages=0 refused=0 received_bytes=\d{3} queued_bytes=0`,
		reason.ClosedRate:     `messages=61 refused=21 received_bytes=\d{3,4} queued_bytes=0`,
		reason.ClosedFlood:    `messages=0 refused=0 received_bytes=6\d{3} queued_bytes=0`,
		reason.ClosedSlow:     `messages=0 refused=0 received_bytes=\d{3} queued_bytes=\d{6,7}`,
		reason.ClosedMemory:   `messages=0 refused=0 received_bytes=\d{3} queued_bytes=\d{6}`,
	}
	for r := range reason.Count {
		if _, abused := abuse[r]; abused != r.Named() {
			t.Errorf("%v: the log names it: %v, this test has it: %v", r, r.Named(), abused)
		}
	}
	for why, how := range abuse {
		w, log := newLoggedWorld(t, func(o *Options) {
			o.HeartbeatInterval = time.Hour
			if why == reason.ClosedMemory {
				o.MaxHeldBytes = 1 << 20
			}
		})
		w.net.From = netip.MustParseAddr("203.0.113.9")
		how(w, w.join("eve"), w.join("bob"))
		w.net.Advance(netpoll.TickLength)
		want := fmt.Sprintf(`level=INFO msg="connection closed" reason=%v code=%d connection=0/\d+\.\d+ user_id=%v username=eve address=203\.0\.113\.9 %s`,
			why, why.Code(), userID("eve"), counts[why])
		if lines := strings.TrimSpace(log.String()); !regexp.MustCompile(`^time=\S+ ` + want + `$`).MatchString(lines) {
			t.Errorf("%v: the log has\n%s\nwant one line with\n%s", why, lines, want)
		}
	}
}

// TestOtherClosesAreNotInTheLog: closes because of a network, a token or an operator are counted, and logged at level
// debug.
func TestOtherClosesAreNotInTheLog(t *testing.T) {
	w, log := newLoggedWorld(t, nil)
	w.join("says goodbye").Send(frame(8, []byte{3, 232}))
	w.join("is gone").HangUp()
	w.join("is silent")
	w.net.Advance(40 * time.Second)
	if closed := w.server.Stats().Closed; closed["peer_closed"] != 1 || closed["gone"] != 1 || closed["heartbeat"] != 1 || log.Len() > 0 {
		t.Errorf("closed: %v; the log has\n%s", closed, log)
	}
}

// TestLogNamesSomeOfManyCloses: the others of the same second are counted in one line.
func TestLogNamesSomeOfManyCloses(t *testing.T) {
	const crowd = 4 * closesNamed
	w, log := newLoggedWorld(t, nil)
	w.net.Advance(time.Second)
	for second := 1; second <= 2; second++ {
		for i := range crowd {
			abuse[reason.ClosedProtocol](w, w.join(fmt.Sprint("eve", i)), nil)
		}
		w.net.Advance(time.Second + netpoll.TickLength)
		named, more := strings.Count(log.String(), "username=eve"), strings.Count(log.String(), fmt.Sprintf("level debug names each\" connections=%d\n", crowd-closesNamed))
		if named != second*closesNamed || more != second || strings.Count(log.String(), "\n") != named+more {
			t.Errorf("after %d times %d closes in a second the log has\n%s", second, crowd, log)
		}
	}
	w.net.Advance(3 * time.Second)
	if n := strings.Count(log.String(), "\n"); n != 2*(closesNamed+1) {
		t.Errorf("a quiet second is logged: %s", log)
	}
}

// TestLogHasTheClientsAddress: a proxy's client is logged with its own address, as far as trusted proxies name it, also
// while no address is limited.
func TestLogHasTheClientsAddress(t *testing.T) {
	for _, tt := range []struct{ name, from, before, header, want string }{
		{"direct", "203.0.113.9", "", "", "203.0.113.9"},
		{"direct, with a header of its own", "203.0.113.9", "", "X-Forwarded-For: 198.51.100.1\r\n", "203.0.113.9"},
		{"IPv6", "2001:db8:1:2:3::4", "", "", "2001:db8:1:2::/64"},
		{"X-Forwarded-For", "10.0.0.1", "", "X-Forwarded-For: 198.51.100.1\r\n", "198.51.100.1"},
		{"PROXY", "10.0.0.1", "PROXY TCP4 198.51.100.2 10.0.0.1 1 2\r\n", "", "198.51.100.2"},
		{"PROXY, with a header of the client's own", "10.0.0.1", "PROXY TCP4 198.51.100.2 10.0.0.1 1 2\r\n", "X-Forwarded-For: 198.51.100.1\r\n", "198.51.100.2"},
		{"both proxies", "10.0.0.1", "PROXY TCP4 10.0.0.2 10.0.0.1 1 2\r\n", "X-Forwarded-For: 198.51.100.3\r\n", "198.51.100.3"},
		{"a proxy that says nothing", "10.0.0.1", "", "", "10.0.0.1"},
	} {
		for _, most := range []int{0, 10} {
			w, log := newLoggedWorld(t, func(o *Options) {
				o.MaxPerAddress, o.TrustedProxies = most, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
			})
			w.net.From = netip.MustParseAddr(tt.from)
			eve := w.dial("eve")
			request := bytes.Replace(upgradeRequest(w.token("eve")), []byte("Host:"), []byte(tt.header+"Host:"), 1)
			eve.Send(append([]byte(tt.before), request...))
			w.net.Settle()
			abuse[reason.ClosedProtocol](w, eve, nil)
			w.net.Settle()
			if !strings.Contains(log.String(), " address="+tt.want+" ") {
				t.Errorf("%s, at most %d sockets an address: want address %s in %s", tt.name, most, tt.want, log)
			}
		}
	}
}

// TestOperationsSaysWhichClosesAreLogged compares docs/OPERATIONS.md with the reasons.
func TestOperationsSaysWhichClosesAreLogged(t *testing.T) {
	text, err := os.ReadFile("../docs/OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for r := range reason.Count {
		if r.Named() {
			named = append(named, "`"+r.String()+"`")
		}
	}
	if want := "(" + strings.Join(named, ", ") + ")"; !strings.Contains(string(text), want) {
		t.Errorf("docs/OPERATIONS.md does not have %s", want)
	}
}
