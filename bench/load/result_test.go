package load

import (
	"context"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestErrorMessagesAreProblems(t *testing.T) {
	t.Parallel() // it waits for messages that do not come
	p := serving(t, echoing(func(ctx context.Context, ws *websocket.Conn, n int, message []byte) {
		_ = ws.Write(ctx, websocket.MessageText, []byte(`{"message_type":"error","data":{"code":"rate_limited"}}`))
	}))
	r := measure(t, p, Throughput)
	r.wantMetric(t, "lost", 10)
	if r.Answered["rate_limited"] != 10 {
		t.Errorf("answered: %v", r.Answered)
	}
}

func TestGrowingLatencyIsAProblem(t *testing.T) {
	for name, c := range map[string]struct {
		first, last time.Duration
		problem     bool
	}{
		"the same": {time.Millisecond, time.Millisecond, false}, "somewhat slower": {time.Millisecond, 5 * time.Millisecond, false},
		"slower": {time.Millisecond, 7 * time.Millisecond, true}, "slow, somewhat slower": {time.Second, 1400 * time.Millisecond, false},
		"slow, and slower": {time.Second, 1600 * time.Millisecond, true}, "faster": {time.Second, time.Millisecond, false},
	} {
		f := idle(t, Sustained)
		f.admission.entered = 1
		record(f.traffic.early, c.first)
		record(f.traffic.late, c.last)
		if got := f.problems(); len(got) > 0 != c.problem {
			t.Errorf("%s: %q", name, got)
		}
	}
}
