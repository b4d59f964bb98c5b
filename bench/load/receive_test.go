package load

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

func TestLossDuplicatesAndDisorderAreCounted(t *testing.T) {
	t.Parallel() // it waits for messages that do not come
	var held []byte
	p := serving(t, echoing(func(ctx context.Context, ws *websocket.Conn, n int, message []byte) {
		switch n {
		case 1: // lost
		case 3: // twice
			echo(ctx, ws, n, message)
			echo(ctx, ws, n, message)
		case 5: // after the next
			held = message
		case 6:
			echo(ctx, ws, n, message)
			echo(ctx, ws, n, held)
		case 7: // in fragments
			w, _ := ws.Writer(ctx, websocket.MessageText)
			_, _ = w.Write(message[:5])
			_, _ = w.Write(message[5:])
			_ = w.Close()
		default:
			echo(ctx, ws, n, message)
		}
	}))
	r := measure(t, p, Throughput)
	r.wantMetric(t, "sent", 10)
	r.wantMetric(t, "delivered", 9)
	r.wantMetric(t, "lost", 1)
	r.wantMetric(t, "duplicated", 1)
	r.wantMetric(t, "disordered", 1)
	if len(r.Problems) != 3 {
		t.Errorf("problems: %v", r.Problems)
	}
}

func TestDroppedConnectionsAreCountedByCause(t *testing.T) {
	t.Parallel() // it waits for messages that do not come
	p := serving(t, echoing(func(ctx context.Context, ws *websocket.Conn, n int, message []byte) {
		if n == 4 {
			_ = ws.Close(websocket.StatusServiceRestart, "the node is restarting")
			return
		}
		echo(ctx, ws, n, message)
	}))
	r := measure(t, p, Sustained)
	r.wantMetric(t, "dropped", 1)
	if r.value(t, "unsent") < 100 || !slices.ContainsFunc(r.Problems, func(p string) bool { return strings.Contains(p, "due and not sent") }) {
		t.Errorf("the messages of a connection that is gone are not reported: %v", r.Problems)
	}
	if r.Dropped["closed with 1012 the node is restarting"] != 1 {
		t.Errorf("dropped: %v", r.Dropped)
	}
}

func TestMessagesThatWereNotSentAreMisdelivered(t *testing.T) {
	p := serving(t, echoing(func(ctx context.Context, ws *websocket.Conn, n int, message []byte) {
		echo(ctx, ws, n, message)
		if n == 0 {
			echo(ctx, ws, n, []byte(strings.Replace(string(message), `"seq":0`, `"seq":4000000000`, 1)))
		}
	}))
	r := measure(t, p, Throughput)
	r.wantMetric(t, "delivered", 10)
	r.wantMetric(t, "disordered", 0)
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "not for") {
		t.Errorf("problems: %v", r.Problems)
	}
}
