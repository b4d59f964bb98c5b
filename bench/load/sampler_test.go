package load

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

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

func TestReadingsOfALongRunStayFewAndEven(t *testing.T) {
	var r readings[int]
	for i := range 100_000 {
		if r.due() {
			r.add(i)
		}
	}
	if len(r.all) < maxSamples/2 || len(r.all) > maxSamples {
		t.Fatalf("%d readings", len(r.all))
	}
	for i := 1; i < len(r.all); i++ {
		if step := r.all[i] - r.all[i-1]; step != r.intervals {
			t.Fatalf("%d between two of them, want %d", step, r.intervals)
		}
	}
}
