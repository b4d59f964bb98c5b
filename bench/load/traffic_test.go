package load

import (
	"context"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// A server that stalls for half a second delays everything that is due meanwhile. A generator that waits for answers
// would see one slow message; this one sees all that were due.
func TestAStallDelaysEveryMessageDueDuringIt(t *testing.T) {
	p := serving(t, echoing(func(ctx context.Context, ws *websocket.Conn, n int, message []byte) {
		if n == 0 {
			stall := time.NewTimer(500 * time.Millisecond)
			defer stall.Stop()
			<-stall.C
		}
		echo(ctx, ws, n, message)
	}))
	p.Messages = 50 // 250 ms of them
	r := measure(t, p, Throughput)
	r.wantMetric(t, "delivered", 50)
	if p50 := r.value(t, "delivery_p50"); p50 < 350 {
		t.Errorf("the median is %v ms: the message in the middle was due 375 ms before the stall was over", p50)
	}
}

// If a server does not read, nothing more is queued for it, except the close frame.
func TestMessagesTheServerDoesNotReadAreUnsent(t *testing.T) {
	f := idle(t, Throughput)
	c := &f.connections[0]
	c.state, c.out = live, make([]byte, maxQueuedBytes+1)
	f.sendMessage(0, 0)
	f.writeFrame(0, opPong, nil)
	if f.traffic.unsent != 1 || f.traffic.sent != 0 || len(c.out) != maxQueuedBytes+1 {
		t.Errorf("%d unsent, %d sent, %d bytes wait", f.traffic.unsent, f.traffic.sent, len(c.out))
	}
	if f.sendClose(0); len(c.out) <= maxQueuedBytes+1 {
		t.Error("the close frame was not queued")
	}
}
