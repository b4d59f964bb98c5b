package metrics

import (
	"log/slog"
	"net/http/httptest"
	"testing"
)

func TestLostTracesAreShown(t *testing.T) {
	s, _, _ := serve(t)
	handler, err := NewHandler(Options{Server: s, Log: slog.New(slog.DiscardHandler), Traces: func() Traces { return Traces{Sent: 5, Dropped: 3, Failed: 2} }})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(handler)
	defer h.Close()
	all := scrape(t, h.URL)["momentum_traces_total"]
	for outcome, want := range map[string]float64{"sent": 5, "dropped": 3, "failed": 2} {
		if got := sum(all, []string{"outcome=" + outcome}); got != want {
			t.Errorf("%v are %s", got, outcome)
		}
	}
}
