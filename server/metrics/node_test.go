package metrics

import (
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"
	dto "github.com/prometheus/client_model/go"
)

// TestMetricsAgreeWithStats connects and disconnects clients, and then compares both views of the same counters.
func TestMetricsAgreeWithStats(t *testing.T) {
	s, addr, url := serve(t)
	alice, bob := join(t, addr, "alice"), join(t, addr, "bob", "resume=")
	defer bob.CloseNow()
	if _, _, err := websocket.Dial(t.Context(), "ws://"+addr+"/ws?token=bad", nil); err == nil {
		t.Fatal("a bad token is let in")
	}
	for _, message := range []string{`{"message_type":"text","data":1}`, `{"message_type":"ping"}`, `{"id":"a","message_type":"text","ack":true}`, `no JSON`} {
		if err := alice.Write(t.Context(), websocket.MessageText, []byte(message)); err != nil {
			t.Fatal(err)
		}
	}
	for text := ""; !strings.Contains(text, "malformed_json"); {
		_, b, err := alice.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	if err := alice.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Cleanup(t.Context()); err != nil { // after a cleanup, every reactor has counted the bytes that its clients have read
		t.Fatal(err)
	}
	families := scrape(t, url)
	stats := s.Stats()
	for name, want := range map[string]float64{
		"momentum_connections":                float64(stats.TotalConnections),
		"momentum_users":                      float64(stats.UniqueUsers),
		"momentum_connections_accepted_total": float64(stats.Accepted),
		"momentum_handshakes_admitted_total":  float64(stats.Admitted),
		"momentum_handshakes_refused_total":   total(stats.Refused),
		"momentum_closes_total":               total(stats.Closed) - float64(stats.Closed["early"]),
		"momentum_messages_received_total":    float64(stats.MessagesIn),
		"momentum_received_bytes_total":       float64(stats.BytesIn),
		"momentum_deliveries_total":           float64(stats.Deliveries),
		"momentum_outbound_queued_bytes":      float64(stats.BytesQueued),
		"momentum_unfinished_bytes":           float64(stats.BytesUnfinished),
		"momentum_log_lines_dropped_total":    float64(stats.LogLinesDropped),
		"momentum_revocations":                float64(stats.Revocations),
		"momentum_token_refreshes_total":      float64(stats.Refreshed),
		"momentum_resumes_total":              float64(stats.Resumes["new"]),
		"momentum_messages_replayed_total":    float64(stats.Replayed),
		"momentum_history_bytes":              float64(stats.History["broadcast"].Bytes),
		"momentum_history_bytes_max":          float64(stats.History["broadcast"].Limit + stats.History["direct"].Limit + stats.History["topic"].Limit),
		"momentum_subscriptions":              float64(stats.Topics),
		"momentum_subscriptions_max":          float64(stats.Limit),
		"momentum_topic_requests_total":       total(stats.Requests),
		"momentum_draining":                   0,
		"momentum_handshake_seconds":          float64(stats.Admitted),
		"momentum_directory_waiting":          6,
		"momentum_directory_up":               1,
		"momentum_jwks_keys":                  7,
		"momentum_jwks_failures_total":        8,
		"momentum_jwks_fetches_total":         9,
	} {
		if got := sum(families[name], nil); got != want {
			t.Errorf("%s is %v, /ws/stats says %v", name, got, want)
		}
	}
	for labels, want := range map[string]float64{
		"momentum_closes_total reason=peer_closed code=1000": float64(stats.Closed["peer_closed"]),
		"momentum_handshakes_refused_total reason=token":     float64(stats.Refused["token"]),
		"momentum_replies_total type=error":                  float64(stats.Errors),
		"momentum_replies_total type=pong":                   1,
		"momentum_replies_total type=ack":                    float64(stats.Acks),
		"momentum_resumes_total outcome=new":                 float64(stats.Resumes["new"]),
	} {
		parts := strings.Fields(labels)
		if got := sum(families[parts[0]], parts[1:]); got != want || want != 1 {
			t.Errorf("%s is %v, /ws/stats says %v", labels, got, want)
		}
	}
}

func total(byReason map[string]uint64) (sum float64) {
	for _, n := range byReason {
		sum += float64(n)
	}
	return sum
}

// sum adds the series that have the labels; for a histogram, its number of observations.
func sum(f *dto.MetricFamily, labels []string) (sum float64) {
	for _, m := range f.GetMetric() {
		has := map[string]bool{}
		for _, l := range m.Label {
			has[l.GetName()+"="+l.GetValue()] = true
		}
		if slices.ContainsFunc(labels, func(l string) bool { return !has[l] }) {
			continue
		}
		sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
	}
	return sum
}
