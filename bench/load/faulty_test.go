package load

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// serving starts a server and returns a plan for it. With a single connection a client writes to itself, so that a
// server which echoes delivers.
func serving(t *testing.T, handler http.HandlerFunc) *Plan {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return &Plan{
		Test: Storm, URL: strings.Replace(s.URL, "http", "ws", 1) + "/ws", Connections: 1, Messages: 10, Seconds: 20,
		MaxConcurrent: 10, IntervalMS: 5, Fanout: Partner, Secret: "secret", Seed: 1,
	}
}

// measure runs a test and returns its result.
func measure(t *testing.T, p *Plan, test Test) *Result {
	t.Helper()
	prepared, err := Prepare(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), p, test, prepared, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// want fails unless the metric has the value.
func (r *Result) want(t *testing.T, name string, value float64) {
	t.Helper()
	if m, ok := r.Metric(name); !ok || m.Value != value {
		t.Errorf("%s is %v, want %v (%v, dropped %v, failed %v)", name, m.Value, value, r.Problems, r.Dropped, r.Failed)
	}
}

func (r *Result) value(t *testing.T, name string) float64 {
	t.Helper()
	m, ok := r.Metric(name)
	if !ok {
		t.Fatalf("no %s: %v", name, r.Problems)
	}
	return m.Value
}

// echoing upgrades and hands each message to answer, until the client is gone.
func echoing(answer func(ctx context.Context, ws *websocket.Conn, n int, message []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ws" {
			http.NotFound(w, r)
			return
		}
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer ws.CloseNow()
		for n := 0; ; n++ {
			_, message, err := ws.Read(r.Context())
			if err != nil {
				return
			}
			answer(r.Context(), ws, n, message)
		}
	}
}

func echo(ctx context.Context, ws *websocket.Conn, _ int, message []byte) {
	_ = ws.Write(ctx, websocket.MessageText, message)
}

func TestRefusedClientsObeyRetryAfter(t *testing.T) {
	var asked atomic.Int64
	in := echoing(echo)
	p := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ws" && asked.Add(1) <= 15 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"error":"full","message":"come back"}`))
			return
		}
		in(w, r)
	})
	p.Connections = 20
	r := measure(t, p, Storm)
	r.want(t, "entered", 20)
	r.want(t, "refused", 15)
	if r.Refused["503 full"] != 15 || len(r.Problems) > 0 {
		t.Errorf("refused %v, problems %v", r.Refused, r.Problems)
	}
	if took := r.value(t, "everyone_in"); took < 1000 || took > 10000 {
		t.Errorf("everyone was in after %v ms, and they were told to wait a second", took)
	}
	if p50 := r.value(t, "entry_p90"); p50 < 1000 {
		t.Errorf("the waits are not in the time to get in: %v ms", p50)
	}
}

func TestAFinalRefusalIsNotTriedAgain(t *testing.T) {
	var asked atomic.Int64
	p := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ws" {
			asked.Add(1)
		}
		http.Error(w, `{"error":"token_signature"}`, http.StatusUnauthorized)
	})
	p.Connections = 5
	r := measure(t, p, Throughput)
	r.want(t, "not_entered", 5)
	if asked.Load() != 5 || r.Refused["401 token_signature"] != 5 || len(r.Problems) != 1 {
		t.Errorf("asked %d times: %v, %v", asked.Load(), r.Refused, r.Problems)
	}
}

func TestFaultsAreCounted(t *testing.T) {
	var held []byte
	p := serving(t, echoing(func(ctx context.Context, ws *websocket.Conn, n int, message []byte) {
		switch n {
		case 1: // lost
		case 3: // twice
			echo(ctx, ws, n, message)
			echo(ctx, ws, n, message)
		case 5: // behind the next
			held = message
		case 6:
			echo(ctx, ws, n, message)
			echo(ctx, ws, n, held)
		case 7: // in fragments, which cannot be seen
			w, _ := ws.Writer(ctx, websocket.MessageText)
			_, _ = w.Write(message[:5])
			_, _ = w.Write(message[5:])
			_ = w.Close()
		default:
			echo(ctx, ws, n, message)
		}
	}))
	r := measure(t, p, Throughput)
	r.want(t, "sent", 10)
	r.want(t, "delivered", 9)
	r.want(t, "lost", 1)
	r.want(t, "duplicated", 1)
	r.want(t, "disordered", 1)
	if len(r.Problems) != 3 {
		t.Errorf("problems: %v", r.Problems)
	}
}

func TestADropIsNamed(t *testing.T) {
	p := serving(t, echoing(func(ctx context.Context, ws *websocket.Conn, n int, message []byte) {
		if n == 4 {
			_ = ws.Close(websocket.StatusServiceRestart, "the node is restarting")
			return
		}
		echo(ctx, ws, n, message)
	}))
	r := measure(t, p, Sustained)
	r.want(t, "dropped", 1)
	if r.Dropped["closed with 1012 the node is restarting"] != 1 {
		t.Errorf("dropped: %v", r.Dropped)
	}
}

func TestErrorsOfTheServerAreProblems(t *testing.T) {
	p := serving(t, echoing(func(ctx context.Context, ws *websocket.Conn, n int, message []byte) {
		_ = ws.Write(ctx, websocket.MessageText, []byte(`{"message_type":"error","data":{"code":"rate_limited"}}`))
	}))
	r := measure(t, p, Throughput)
	r.want(t, "lost", 10)
	if r.Answered["rate_limited"] != 10 {
		t.Errorf("answered: %v", r.Answered)
	}
}

// A server that stalls for half a second holds back what is due meanwhile. A generator that waits for answers would
// see one slow message; this one sees all that were due.
func TestAStallIsInEveryLatency(t *testing.T) {
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
	r.want(t, "delivered", 50)
	if p50 := r.value(t, "delivery_p50"); p50 < 350 {
		t.Errorf("the median is %v ms: the message in the middle was due 375 ms before the stall was over", p50)
	}
}

func TestAnArrivalRateCountsFromWhenAClientWasDue(t *testing.T) {
	in := echoing(echo)
	var busy = make(chan struct{}, 1)
	p := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ws" {
			busy <- struct{}{} // 20 ms each, one after the other
			wait := time.NewTimer(20 * time.Millisecond)
			<-wait.C
			<-busy
		}
		in(w, r)
	})
	p.Connections, p.ArrivalRate, p.MaxConcurrent = 20, 200, 1
	r := measure(t, p, Storm)
	r.want(t, "entered", 20)
	// The last was due after 95 ms and in after 400 at the earliest. Its own handshake took 20.
	if longest := r.value(t, "handshake_max"); longest < 250 {
		t.Errorf("the longest handshake took %v ms: the wait for a place is not in it", longest)
	}
}

func TestAnEndedContextLeavesWhatThereIs(t *testing.T) {
	p := serving(t, echoing(echo))
	prepared, err := Prepare(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, err := Run(ctx, p, Sustained, prepared, func(now Progress) {
		if now.Delivered > 0 {
			cancel()
		}
	})
	cancel()
	if err != nil || !r.Interrupted || r.value(t, "delivered") < 1 || r.value(t, "dropped") != 0 {
		t.Errorf("%+v %v", r, err)
	}
}
