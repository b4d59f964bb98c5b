package load

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// testNet is an address that no host has (RFC 5737).
var testNet = netip.MustParseAddr("192.0.2.1")

// serving starts a server and returns a plan for it. A single connection sends to itself, so that a server which echoes
// also delivers.
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

// wantMetric fails the test unless the metric has the value.
func (r *Result) wantMetric(t *testing.T, name string, value float64) {
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

// echoing accepts the handshake and passes each message to answer, until the connection ends.
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
	r.wantMetric(t, "entered", 20)
	r.wantMetric(t, "refused", 15)
	if r.Refused["503 full"] != 15 || len(r.Problems) > 0 {
		t.Errorf("refused %v, problems %v", r.Refused, r.Problems)
	}
	if took := r.value(t, "everyone_in"); took < 1000 || took > 10000 {
		t.Errorf("all were admitted after %v ms, and were told to wait a second", took)
	}
	if p50 := r.value(t, "entry_p90"); p50 < 1000 {
		t.Errorf("entry_p90 does not include the waits: %v ms", p50)
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
	r.wantMetric(t, "not_entered", 5)
	if asked.Load() != 5 || r.Refused["401 token_signature"] != 5 || len(r.Problems) != 1 {
		t.Errorf("asked %d times: %v, %v", asked.Load(), r.Refused, r.Problems)
	}
}

func TestLossDuplicatesAndDisorderAreCounted(t *testing.T) {
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

func TestErrorMessagesAreProblems(t *testing.T) {
	p := serving(t, echoing(func(ctx context.Context, ws *websocket.Conn, n int, message []byte) {
		_ = ws.Write(ctx, websocket.MessageText, []byte(`{"message_type":"error","data":{"code":"rate_limited"}}`))
	}))
	r := measure(t, p, Throughput)
	r.wantMetric(t, "lost", 10)
	if r.Answered["rate_limited"] != 10 {
		t.Errorf("answered: %v", r.Answered)
	}
}

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

func TestWithAnArrivalRateLatencyCountsFromTheArrival(t *testing.T) {
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
	r.wantMetric(t, "entered", 20)
	// The last client was due after 95 ms and admitted after 400 ms at the earliest. Its handshake alone took 20 ms.
	if longest := r.value(t, "handshake_max"); longest < 250 {
		t.Errorf("the longest handshake took %v ms, without the wait for a place", longest)
	}
	if m, _ := r.Metric("handshakes_per_second"); m.Better != None {
		t.Error("a rate that the schedule sets is compared")
	}
	if !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "waited for one of the 1 places") }) {
		t.Errorf("notes: %q", r.Notes)
	}
}

func TestAHandshakeWithoutAnAnswerIsAProblem(t *testing.T) {
	var asked atomic.Int64
	in := echoing(echo)
	p := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ws" && asked.Add(1) == 1 {
			if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
				conn.Close()
			}
			return
		}
		in(w, r)
	})
	r := measure(t, p, Storm)
	r.wantMetric(t, "entered", 1)
	r.wantMetric(t, "failed", 1)
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "1 handshakes got no HTTP answer") {
		t.Errorf("problems: %v", r.Problems)
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

func TestRetryAfterIsReadInBothFormsAndBounded(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": -1, "soon": -1, "-1": -1, "0": 0, "1": time.Second, "1048576": maxRetryAfter, "99999999999999999999": maxRetryAfter,
		"Thu, 01 Jan 2026 00:00:05 GMT": 5 * time.Second, "Thu, 01 Jan 2099 00:00:05 GMT": maxRetryAfter, "Thu, 01 Jan 2020 00:00:05 GMT": 0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestARefusalWithoutRetryAfterIsFollowedByAPause(t *testing.T) {
	f := idle(t, Storm)
	f.recordRefusal(0, refusal{status: http.StatusServiceUnavailable})
	if at := f.admission.retries[0].at; at < int64(firstBackoff/2) {
		t.Errorf("the retry is due after %v", time.Duration(at))
	}
}

// The notes report the last failure of /ws/stats even if other calls were answered, and a count that is too low.
func TestNotesSayWhichFiguresOfTheServerAreMissing(t *testing.T) {
	var asked atomic.Int64
	p := serving(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			_, _ = w.Write([]byte(`{"total_connections":3}`))
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	s := &sampler{url: strings.Replace(p.URL, "ws", "http", 1), pid: 1, open: func() int { return 4 }}
	s.readStats(t.Context(), http.DefaultClient)
	s.readStats(t.Context(), http.DefaultClient)
	notes := strings.Join(s.notes(), "; ")
	for _, want := range []string{"1 of 2 calls", "answered 503", "said 3 connections while 4 were open"} {
		if !strings.Contains(notes, want) || strings.Contains(notes, "ADMIN_TOKEN") {
			t.Errorf("%q does not say %q", notes, want)
		}
	}
}
