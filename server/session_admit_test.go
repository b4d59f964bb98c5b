package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"momentum/netpoll"
)

// limited is a node of one reactor that admits ten handshakes a tick.
func limited(t *testing.T) *world {
	return newWorld(t, 1, func(o *Options) { o.Reactors, o.HandshakeRate = 1, 100 })
}

// arrive has users connect, all at once.
func (w *world) arrive(names ...string) []*client {
	all := make([]*client, len(names))
	for i, name := range names {
		all[i] = w.dial(name)
		all[i].Send(upgradeRequest(w.token(name)))
	}
	w.net.Settle()
	return all
}

func names(prefix string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(prefix, i)
	}
	return all
}

// answers counts clients by the status of their answer; "" has not been answered yet.
func answers(clients []*client) map[string]int {
	counts := make(map[string]int)
	for _, c := range clients {
		if c.status == "" {
			c.status, _, _ = strings.Cut(strings.TrimPrefix(string(c.Peer.Received()), "HTTP/1.1 "), " ")
		}
		counts[c.status]++
	}
	return counts
}

func TestHandshakesAreAdmittedAtTheRate(t *testing.T) {
	w := limited(t)
	crowd := w.arrive(names("user", 50)...)
	if got := answers(crowd); got["101"] != 10 || got[""] != 10 || got["503"] != 30 {
		t.Fatalf("at once: %v, want ten in, ten waiting, the others refused", got)
	}
	w.net.Advance(netpoll.TickLength)
	if got := answers(crowd); got["101"] != 20 || got[""] != 0 {
		t.Fatalf("a tick later: %v, want twenty admitted and none queued", got)
	}
	w.net.Advance(netpoll.TickLength)
	if got := answers(w.arrive(names("more", 5)...)); got["101"] != 5 {
		t.Errorf("when it is quiet again: %v, want all in", got)
	}
	if refused := w.server.Stats().Refused["busy"]; refused != 30 {
		t.Errorf("%d counted as refused, want 30", refused)
	}
}

// TestRefusedHandshakesGetDifferentTimes refuses 1,000 handshakes at 100 a second: each of the next ten seconds
// gets its share.
func TestRefusedHandshakesGetDifferentTimes(t *testing.T) {
	w := limited(t)
	seconds := make(map[string]int)
	for _, c := range w.arrive(names("user", 1020)...) {
		if _, rest, refused := strings.Cut(string(c.Peer.Received()), "Retry-After: "); refused {
			after, _, _ := strings.Cut(rest, "\r\n")
			seconds[after]++
		}
	}
	for second := 2; second <= 10; second++ {
		if n := seconds[fmt.Sprint(second)]; n < 50 || n > 150 {
			t.Errorf("%d are told to return in %d s, when 100 can be admitted", n, second)
		}
	}
	if len(seconds) > 11 {
		t.Errorf("told to come back in %v", seconds)
	}
}

// TestReturningClientsAreAdmittedFirst: they overtake the queued new ones, and have places of their own.
func TestReturningClientsAreAdmittedFirst(t *testing.T) {
	w := limited(t)
	old := names("old", 5)
	tokens := make(map[string]string)
	for _, name := range old {
		tokens[name] = w.token(name)
		c := w.dial(name)
		c.Send(upgradeRequest(tokens[name]))
		w.net.Settle()
		c.Reset()
	}
	w.net.Advance(time.Second)
	fresh := w.arrive(names("new", 40)...)
	var back []*client
	for _, name := range old {
		c := w.dial(name)
		c.Send(upgradeRequest(tokens[name]))
		back = append(back, c)
	}
	w.net.Settle()
	if got := answers(back); got[""] != 5 {
		t.Fatalf("five that return to a full node: %v, want them queued", got)
	}
	w.net.Advance(netpoll.TickLength)
	if got := answers(back); got["101"] != 5 {
		t.Errorf("a tick later: %v, want all of them in", got)
	}
	if got := answers(fresh); got["101"] != 15 {
		t.Errorf("of the new ones %v, want five more than the first ten in", got)
	}
}

// TestTheRateLimiterIsEmptyWhenAllHaveGone: clients that hang up while they wait, bad tokens and late handshakes give
// their places back.
func TestTheRateLimiterIsEmptyWhenAllHaveGone(t *testing.T) {
	w := limited(t)
	crowd := w.arrive(names("user", 20)...)
	for range 5 {
		c := w.dial("mallory")
		c.Send(upgradeRequest("not.a.token"))
		crowd = append(crowd, c)
	}
	w.net.Settle()
	for _, c := range crowd {
		c.Reset()
	}
	w.net.Advance(10 * time.Second)
	if l := &w.server.shards[0].handshakes.limiter; l.Entered() != 0 || l.Waiting() != 0 {
		t.Errorf("%d entered, %d waiting", l.Entered(), l.Waiting())
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestAHandshakeDoesNotWaitTooLong stops the process while ten wait: when it continues, they are too late.
func TestAHandshakeDoesNotWaitTooLong(t *testing.T) {
	w := limited(t)
	crowd := w.arrive(names("user", 20)...)
	w.net.Stop(time.Second)
	w.net.Settle()
	if got := answers(crowd); got["101"] != 10 || got["503"] != 10 {
		t.Errorf("%v, want the queued ones refused", got)
	}
}
