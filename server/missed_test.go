package server

import (
	"testing"

	"momentum/protocol"
	"momentum/server/stats"
	"momentum/server/topics"
)

// TestASubscriptionWithoutAnEpochResumesInThePresentOne reads the positions of subscriptions.
func TestASubscriptionWithoutAnEpochResumesInThePresentOne(t *testing.T) {
	w := newWorld(t, 1, nil)
	u := &w.shards()[0].subscriptions
	for _, tt := range []struct {
		epoch string
		asked bool
		want  stats.Resume
	}{{"", true, stats.Resumed}, {w.server.epoch, true, stats.Resumed}, {"before", true, stats.EpochChanged}, {"", false, stats.Resumed}} {
		p := u.positionOf(&protocol.Subscription{Topic: "news", Seq: 7, Epoch: tt.epoch, Resume: tt.asked}, new(topics.Topic))
		if p.outcome != tt.want || p.asked != tt.asked || p.broadcast != 7 {
			t.Errorf("%+v: %+v", tt, p)
		}
	}
}
