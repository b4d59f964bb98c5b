package netpoll

import (
	"cmp"
	"log/slog"
	"net"
	"slices"
	"testing"
	"time"
)

// timedTurns is a handler that asks for a turn after a time whenever a test posts that time, and says when it has come.
type timedTurns struct {
	idleHandler
	reactor *Reactor
	due     time.Time // zero: no turn is waited for
	late    chan time.Duration
}

func (h *timedTurns) Posted(p *Post, _ []byte) {
	d := time.Duration(p.Meta[0])
	h.due = time.Now().Add(d)
	h.reactor.WantTurnAfter(d)
}

func (h *timedTurns) Work(int) (more bool) {
	if now := time.Now(); !h.due.IsZero() && !now.Before(h.due) {
		h.late <- now.Sub(h.due)
		h.due = time.Time{}
	}
	return false
}

// serveTimedTurns serves one reactor with such a handler.
func serveTimedTurns(t testing.TB) (h *timedTurns, l *Listener) {
	t.Helper()
	h = &timedTurns{late: make(chan time.Duration, 1)}
	g, err := NewGroup(Options{
		Reactors: 1, MaxSockets: 100, Outbound: DefaultOutbound, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		NewHandler: func(r *Reactor) Handler { h.reactor = r; return h },
	})
	if err != nil {
		t.Fatal(err)
	}
	if l, err = Serve(g, "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	stopAtTheEnd(t, l)
	return h, l
}

// TestAnAlarmCausesATurn on an event loop that has nothing else to do, again and again, and not before its time.
func TestAnAlarmCausesATurn(t *testing.T) {
	h, _ := serveTimedTurns(t)
	for _, d := range []time.Duration{2 * time.Millisecond, 50 * time.Microsecond, 1, 0} {
		h.reactor.Post(Post{Meta: Meta{uint64(d)}}, nil)
		select {
		case <-h.late:
		case <-time.After(30 * time.Second):
			t.Fatalf("no turn came after %v", d)
		}
	}
}

// BenchmarkTurnAfter reports how late a turn comes that was wanted after a time, while the process has nothing else to do and
// while a client keeps the same reactor busy.
func BenchmarkTurnAfter(b *testing.B) {
	for _, bench := range []struct {
		name string
		busy bool
	}{{"idle", false}, {"busy", true}} {
		for _, d := range []time.Duration{50 * time.Microsecond, 200 * time.Microsecond, 2 * time.Millisecond} {
			b.Run(bench.name+"/"+d.String(), func(b *testing.B) {
				h, l := serveTimedTurns(b)
				if bench.busy {
					keepBusy(b, l)
				}
				late := make([]time.Duration, 0, b.N)
				for range b.N {
					h.reactor.Post(Post{Meta: Meta{uint64(d)}}, nil)
					late = append(late, <-h.late)
				}
				slices.SortFunc(late, cmp.Compare)
				for name, of100 := range map[string]int{"p10": 10, "p50": 50, "p90": 90, "p99": 99} {
					b.ReportMetric(float64(late[len(late)*of100/100].Microseconds()), name+"-µs-late")
				}
			})
		}
	}
}

// keepBusy has a client send to the server without a pause until the end of the benchmark.
func keepBusy(b *testing.B, l *Listener) {
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	go func() {
		data := make([]byte, 512)
		for {
			if _, err := c.Write(data); err != nil {
				return
			}
		}
	}()
}
