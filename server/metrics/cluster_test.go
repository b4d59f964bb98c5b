package metrics

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"momentum/server/cluster"
)

// TestEachFigureOfTheBusIsShown gives each figure a value of its own.
func TestEachFigureOfTheBusIsShown(t *testing.T) {
	s, _, _ := serve(t)
	handler, err := NewHandler(Options{Server: s, Log: slog.New(slog.DiscardHandler), Bus: func() Bus {
		return Bus{
			State: cluster.Held, Batches: 1, Retried: 2, Published: 3, Refused: 4, GivenUp: 5, Unknown: 6, Unread: 7, Joined: 8, JoinTrips: 9,
			Connected: 10, OutboxBytes: 11, InboxBytes: 12, OutboxLimit: 13, InboxLimit: 14, Canary: 15 * time.Millisecond,
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(handler)
	defer h.Close()
	families := scrape(t, h.URL)
	for name, want := range map[string]float64{
		"batches_total": 1, "batches_retried_total": 2, "messages_published_total": 3, "messages_refused_total": 4, "messages_given_up_total": 5,
		"messages_unknown_total": 6, "messages_unreadable_total": 7, "joins_total": 8, "join_trips_total": 9, "connects_total": 10,
		"outbox_bytes": 11, "inbox_bytes": 12, "outbox_bytes_max": 13, "inbox_bytes_max": 14, "canary_seconds": 0.015,
	} {
		if got := sum(families["momentum_cluster_"+name], nil); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	states := families["momentum_cluster_state"]
	if len(states.GetMetric()) != 5 || sum(states, nil) != 1 || sum(states, []string{"state=held"}) != 1 {
		t.Errorf("the state is %v", states)
	}
}

func TestANodeAloneHasNoMetricsOfACluster(t *testing.T) {
	s, _, _ := serve(t)
	handler, err := NewHandler(Options{Server: s, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(handler)
	defer h.Close()
	for name := range scrape(t, h.URL) {
		if strings.HasPrefix(name, "momentum_cluster_") {
			t.Errorf("%s is served", name)
		}
	}
}
