package load

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

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
