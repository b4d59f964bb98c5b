package load

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

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

func TestARefusalWithoutRetryAfterIsFollowedByAPause(t *testing.T) {
	f := idle(t, Storm)
	f.recordRefusal(0, refusal{status: http.StatusServiceUnavailable})
	if at := f.admission.retries[0].at; at < int64(firstBackoff/2) {
		t.Errorf("the retry is due after %v", time.Duration(at))
	}
}

// A run does not try a server again, for the whole duration, that has answered with a wrong 101.
func TestAWrong101IsNotTriedAgain(t *testing.T) {
	s := &rawServer{answer: func(k string) string {
		return strings.Replace(accepting(k), "\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", 1)
	}}
	p := serving(t, s.handle)
	p.Connections = 20
	r := measure(t, p, Storm)
	r.wantMetric(t, "entered", 0)
	r.wantMetric(t, "not_entered", 20)
	r.wantMetric(t, "violations", 20)
	if r.Violations[wrongExtension.kind] != 20 || len(r.Problems) != 2 {
		t.Errorf("violations %v, problems %q", r.Violations, r.Problems)
	}
	s.serving.Wait()
	if slices.Sort(s.keys); len(slices.Compact(s.keys)) != 20 {
		t.Errorf("the keys of 20 connections: %q", s.keys)
	}
}
