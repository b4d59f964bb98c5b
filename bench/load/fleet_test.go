package load

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// The server delivers five messages and keeps the others. They are under way when the run is interrupted.
func TestMessagesUnderWayAtAnInterruptAreNotLost(t *testing.T) {
	t.Parallel() // it waits for messages that do not come
	p := serving(t, echoing(func(ctx context.Context, ws *websocket.Conn, n int, message []byte) {
		if n < 5 {
			echo(ctx, ws, n, message)
		}
	}))
	r := interrupted(t, p, Sustained, func(now Progress) bool { return now.Delivered == 5 && now.Sent > 7 })
	r.wantMetric(t, "lost", 0)
	r.wantMetric(t, "lost_share", 0)
	r.wantMetric(t, "delivered", 5)
	if len(r.Problems) > 0 {
		t.Errorf("problems: %q", r.Problems)
	}
}

func TestMessagesLostBeforeAnInterruptAreLost(t *testing.T) {
	t.Parallel() // it waits for messages that do not come
	p := serving(t, echoing(func(ctx context.Context, ws *websocket.Conn, n int, message []byte) {
		if n != 2 {
			echo(ctx, ws, n, message)
		}
	}))
	r := interrupted(t, p, Sustained, func(now Progress) bool { return now.Delivered > 4 })
	r.wantMetric(t, "lost", 1)
	if len(r.Problems) != 1 || r.Problems[0] != "1 messages were lost" {
		t.Errorf("problems: %q", r.Problems)
	}
}

// Handshakes that are under way at an interrupt are ended at once, and are not failures.
func TestAnInterruptDoesNotWaitForHandshakes(t *testing.T) {
	stuck := make(chan struct{})
	p := serving(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ws" {
			<-stuck
		}
	})
	defer close(stuck)
	p.Connections = 5
	var since time.Time
	r := interrupted(t, p, Throughput, func(Progress) bool {
		if since.IsZero() {
			since = time.Now()
		}
		return true
	})
	if took := time.Since(since); took > closeTimeout/2 {
		t.Errorf("it took %v", took)
	}
	r.wantMetric(t, "entered", 0)
	r.wantMetric(t, "not_entered", 0)
	r.wantMetric(t, "failed", 0)
	if len(r.Problems) > 0 {
		t.Errorf("problems: %q", r.Problems)
	}
}

// One client was refused for good before the interrupt, and the other is still waiting for its answer.
func TestClientsRefusedBeforeAnInterruptAreNotEntered(t *testing.T) {
	stuck, first := make(chan struct{}), make(chan bool, 1)
	first <- true
	p := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ws" {
			return
		}
		select {
		case <-first:
			w.WriteHeader(http.StatusForbidden)
		default:
			<-stuck
		}
	})
	defer close(stuck)
	p.Connections = 2
	r := interrupted(t, p, Throughput, func(now Progress) bool { return now.Refused == 1 })
	r.wantMetric(t, "not_entered", 1)
}

// idle returns a fleet without a running loop, so that a test can take its steps.
func idle(t *testing.T, test Test) *fleet {
	t.Helper()
	p := &Plan{Test: test, Connections: 1, Messages: 1, Seconds: 1, MaxConcurrent: 1, IntervalMS: 1, Fanout: Partner}
	f, err := newFleet(t.Context(), p, test, &Prepared{target: &target{}, users: &users{tokens: []string{""}, ids: []string{""}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.release)
	return f
}
