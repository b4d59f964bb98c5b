package server

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server/trace"
)

// TestAnAbandonedAdmissionIsHandedOver: its connection has ended, and its session does not know it yet.
func TestAnAbandonedAdmissionIsHandedOver(t *testing.T) {
	for _, gone := range []bool{true, false} {
		var l tracer
		w := newWorld(t, 1, func(o *Options) { o.Traces = &l })
		sh := w.server.shards[0]
		h := sh.handshakes.spares.take()
		h.trace, h.gone, h.inquiry.asked = &trace.Admission{Begin: w.net.Now()}, gone, true
		h.enter(trace.Token)
		sh.admissions.abandon(h)
		l.expect(t, "gone early 0 after 0s, token 0s")
	}
}

// crossing is a sink for many goroutines.
type crossing chan *trace.Admission

func (c crossing) Sample([]byte, *rand.Rand) *trace.Admission { return new(trace.Admission) }
func (c crossing) Admission(a *trace.Admission)               { c <- a }
func (c crossing) Call(trace.Call)                            {}

// TestEveryTraceIsHandedOverOnce has clients leave while workers and the directory have their handshakes. The race detector sees it
// if two goroutines write to the same record.
func TestEveryTraceIsHandedOverOnce(t *testing.T) {
	const clients = 200
	taken := make(crossing, 2*clients)
	o := realOptions()
	o.Directory, o.Traces = &register{out: map[uuid.UUID]bool{}}, taken
	n := startReal(t, o)
	for i := range clients {
		w, err := dialWire(n.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		if _, err := w.Write(upgradeRequest(realToken(t, fmt.Sprint("user", i)))); err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			w.Close()
		}
	}
	late := time.After(patience)
	for i := range clients {
		select {
		case a := <-taken:
			if a.Begin.IsZero() || a.End.Before(a.Begin) || a.Last() == trace.None {
				t.Errorf("the record is %+v", a)
			}
		case <-late:
			t.Fatalf("only %d records for %d clients", i, clients)
		}
	}
	if len(taken) > 0 {
		t.Errorf("%d records too many", len(taken))
	}
}
