package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// views is an admin port that streams views to those with its token, after a long history.
type views struct {
	viewers, asked atomic.Int64
	left           chan struct{} // receives an element for each viewer that is gone
	without        bool          // no view comes
}

func (v *views) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.asked.Add(1)
	if r.URL.Path != "/ws/stream" || r.Header.Get("Authorization") != "Bearer "+adminToken {
		http.Error(w, "no token", http.StatusUnauthorized)
		return
	}
	v.viewers.Add(1)
	_, _ = io.WriteString(w, "event: history\ndata: "+strings.Repeat("1,", 50_000)+"\n\n")
	if v.without {
		return
	}
	_, _ = io.WriteString(w, "event: view\ndata: {}\n\n")
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
	v.viewers.Add(-1)
	v.left <- struct{}{}
}

// watchedServer notes how many viewers there were at each handshake.
type watchedServer struct {
	plainServer
	views *views
	mu    sync.Mutex
	seen  []int64
}

func (s *watchedServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.seen = append(s.seen, s.views.viewers.Load())
	s.mu.Unlock()
	s.plainServer.ServeHTTP(w, r)
}

// forget forgets the handshakes so far.
func (s *watchedServer) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = nil
}

func TestTheDashboardIsOpenForTheWholeStormOfItsSideAlone(t *testing.T) {
	v := &views{left: make(chan struct{})}
	s := &watchedServer{plainServer: plainServer{newMembers(), false}, views: v}
	open := &side{process: here(t, s), admin: serve(t, v)}
	closed := &side{beside: open}
	j := job{Kind: kindDashboard, Connections: 20}
	if err := closed.prepare(t.Context(), j); err != nil || closed.process != open.process {
		t.Fatalf("the sides have a server each, %v", err)
	}
	for side, want := range map[*side]int64{open: 1, closed: 0} {
		s.forget()
		begun := time.Now()
		m, err := side.watched(j)
		if err != nil || m.Count != 20 || m.CPUMicros <= 0 {
			t.Errorf("%+v, %v", m, err)
		}
		if took := time.Since(begun); took < time.Second {
			t.Errorf("the window has %v: no view need come in it", took)
		}
		s.mu.Lock()
		if got, all := fmt.Sprint(s.seen), strings.TrimSpace(strings.Repeat(fmt.Sprint(want)+" ", 20)); got != "["+all+"]" {
			t.Errorf("%s viewers at the handshakes, want %d", got, want)
		}
		s.mu.Unlock()
		if side == open {
			<-v.left
		}
	}
	if v.asked.Load() != 1 {
		t.Errorf("the stream was asked for %d times", v.asked.Load())
	}
}

func TestAStreamWithoutAViewIsAnError(t *testing.T) {
	for want, h := range map[string]http.Handler{
		"the stream has no view": &views{without: true},
		"refused":                http.NotFoundHandler(),
	} {
		if _, err := openViewer(serve(t, h)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestSidesAreComparedWithinARound(t *testing.T) {
	r := record{Rounds: 3}
	for round, cpu := range [][2]float64{{100, 1}, {2, 2}, {3, 2}, {30, 20}} { // round 0 warms up
		for i, name := range []string{"open", "closed"} {
			r.Measurements = append(r.Measurements, measurement{Round: round, Server: name, Job: "j", CPUMicros: cpu[i]})
		}
	}
	want := "1.500 × closed: open, CPU µs; half of 3 rounds from 1.000 to 1.500, all from 1.000 to 1.500\n"
	if got := r.paired(job{Name: "j"}, "open", "closed"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := r.paired(job{Name: "j"}, "open", "other"); got != "" {
		t.Errorf("%q of nothing", got)
	}
}
