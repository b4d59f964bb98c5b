package server

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/trace"
)

// tracer is a sink that traces every admission, or none.
type tracer struct {
	none    bool
	parents []string
	taken   []*trace.Admission
}

func (l *tracer) Sample(parent []byte, _ *rand.Rand) *trace.Admission {
	l.parents = append(l.parents, string(parent))
	if l.none {
		return nil
	}
	return new(trace.Admission)
}

func (l *tracer) Admission(a *trace.Admission) { l.taken = append(l.taken, a) }
func (l *tracer) Call(trace.Call)              {}

// told describes the admissions: how they ended and after how long, the user, and how long each step took.
func (l *tracer) told() string {
	var all []string
	for _, a := range l.taken {
		text := fmt.Sprintf("%v%s %d after %v", a.Outcome, strings.TrimRight(" "+a.Reason, " "), a.Status, a.End.Sub(a.Begin).Round(time.Millisecond))
		for s := trace.Request; s <= a.Last(); s++ {
			if took := a.Steps[s]; !took.Begin.IsZero() {
				text += fmt.Sprintf(", %v %v", s, took.End.Sub(took.Begin).Round(time.Millisecond))
			}
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

func (l *tracer) expect(t *testing.T, want string) {
	t.Helper()
	if got := l.told(); got != want {
		t.Errorf("traced:\n%s\nand not:\n%s", got, want)
	}
}

func TestAnAdmissionIsTracedStepByStep(t *testing.T) {
	var l tracer
	w, r := asking(t, func(o *Options) { o.Traces = &l })
	c := w.dial("alice")
	request := upgradeRequest(w.token("alice"))
	c.Send(request[:20])
	w.net.Advance(300 * time.Millisecond)
	c.Send(request[20:])
	w.net.Advance(2 * time.Second)
	r.answer("alice", "active")
	w.net.Settle()
	l.expect(t, "admitted 101 after 2.3s, request 300ms, token 0s, directory 2s, limiter 0s, joining 0s")
	if a := l.taken[0]; a.User != userID("alice") || a.Address == "" || a.Connection != c.Handle().String() || a.Method != "GET" || a.Returning || a.Inquiry {
		t.Errorf("the admission is %+v", a)
	}
}

func TestAWaitAtTheRateLimiterIsTraced(t *testing.T) {
	var l tracer
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.HandshakeRate, o.Traces = 1, 10, &l })
	w.arrive(names("user", 4)...)
	w.net.Advance(netpoll.TickLength)
	l.expect(t, "refused busy 503 after 0s, request 0s; refused busy 503 after 0s, request 0s; "+
		"admitted 101 after 0s, request 0s, token 0s, limiter 0s, joining 0s; "+
		"admitted 101 after 100ms, request 0s, token 0s, limiter 100ms, joining 0s")
}

func TestRefusalsAndEndsAreTraced(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		visit      func(*world, *roster)
	}{
		{"a bad token", "refused token 401 after 0s, request 0s, token 0s", func(w *world, _ *roster) {
			w.dial("alice").Send(upgradeRequest("no.token.here"))
		}},
		{"a wrong path", "refused not_found 404 after 0s, request 0s", func(w *world, _ *roster) {
			w.dial("alice").Send(bytes.Replace(upgradeRequest("a.b.c"), []byte("/ws"), []byte("/wss"), 1))
		}},
		{"a directory that is away", "refused directory 503 after 1s, request 0s, token 0s, directory 1s", func(w *world, r *roster) {
			w.join("alice")
			w.net.Advance(time.Second)
			r.answer("alice", "down")
		}},
		{"a client that leaves", "gone early 0 after 1s, request 0s, token 0s, directory 3s", func(w *world, r *roster) {
			alice := w.join("alice")
			w.net.Advance(time.Second)
			alice.Reset()
			w.net.Advance(2 * time.Second)
			r.answer("alice", "active")
		}},
		{"a directory that is late", "refused busy 503 after 5s, request 0s, token 0s, directory 7s", func(w *world, r *roster) {
			w.join("alice")
			w.net.Advance(7 * time.Second)
			r.answer("alice", "active")
		}},
		{"a drain", "refused draining 503 after 0s, request 0s", func(w *world, _ *roster) {
			w.server.StartDrain()
			w.net.Settle()
			w.join("alice")
		}},
		{"a health probe", "", func(w *world, _ *roster) {
			w.dial("").Send([]byte("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var l tracer
			w, r := asking(t, func(o *Options) { o.Traces = &l })
			tt.visit(w, r)
			w.net.Settle()
			l.expect(t, tt.want)
		})
	}
}

func TestTheUserOfABadTokenIsNotTraced(t *testing.T) {
	var l tracer
	w, _ := asking(t, func(o *Options) { o.Traces = &l })
	w.join("alice")
	w.clients[0].Reset()
	w.dial("bob").Send(upgradeRequest("no.token.here"))
	w.net.Settle()
	for _, a := range l.taken {
		if a.Reason == "token" && a.User != uuid.Nil {
			t.Errorf("the user is %v", a.User)
		}
	}
}

// TestOnlyATrustedProxyDecidesWhatIsTraced: a client could have each of its handshakes traced.
func TestOnlyATrustedProxyDecidesWhatIsTraced(t *testing.T) {
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for address, want := range map[string]string{"10.1.2.3": parent, "203.0.113.5": ""} {
		var l tracer
		w := newWorld(t, 1, func(o *Options) {
			o.Traces, o.TrustedProxies = &l, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		})
		w.from(address).dial("alice").Send(bytes.Replace(upgradeRequest(w.token("alice")), []byte("\r\n\r\n"), []byte("\r\nTraceparent: "+parent+"\r\n\r\n"), 1))
		w.net.Settle()
		if len(l.parents) != 1 || l.parents[0] != want {
			t.Errorf("from %s: the parents are %q", address, l.parents)
		}
	}
}

// TestAHandshakeThatIsNotTracedAllocatesNothingMore compares handshakes of a node that samples, but not these, with those of a node that
// traces nothing.
func TestAHandshakeThatIsNotTracedAllocatesNothingMore(t *testing.T) {
	const visits = 2000 // under the race detector, pools lose some objects at random: one visit varies by two allocations
	allocations := func(sink trace.Sink) float64 {
		w := newWorld(t, 1, func(o *Options) { o.Reactors, o.Traces = 1, sink })
		request := upgradeRequest(w.token("alice"))
		visit := func() {
			c := w.net.Dial()
			c.Send(request)
			w.net.Settle()
			c.Reset()
			w.net.Settle()
		}
		visit()
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range visits {
			visit()
		}
		runtime.ReadMemStats(&after)
		return float64(after.Mallocs-before.Mallocs) / visits
	}
	l := &tracer{none: true, parents: make([]string, 0, 2*visits)}
	without, with := allocations(nil), allocations(l)
	if with > without+0.5 || len(l.parents) <= visits {
		t.Errorf("%.2f allocations a handshake, and %.2f without traces (%d were asked for)", with, without, len(l.parents))
	}
}
