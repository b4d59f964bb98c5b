package server

import (
	"testing"

	"momentum/protocol"
	"momentum/server/history"
	"momentum/server/stats"
)

func TestPositionOfARequest(t *testing.T) {
	for query, want := range map[string]stats.Resume{
		"":                  stats.NewPosition,
		"resume=":           stats.NewPosition,
		"resume=here.7.3":   stats.Resumed,
		"resume=before.7.3": stats.EpochChanged,
		"resume=here.7":     stats.UnknownPosition,
	} {
		h := protocol.Handshake{Query: []byte(query)}
		p := positionOf(h.Resume())
		if p.compare([]byte("here")); p.outcome != want || p.asked != (query != "") {
			t.Errorf("%q: %v, asked %v; want %v", query, p.outcome, p.asked, want)
		}
		if want == stats.Resumed && (p.broadcast != 7 || p.direct != 3) {
			t.Errorf("%q: %d and %d", query, p.broadcast, p.direct)
		}
	}
}

func TestAPositionIsUnknownWhileTheEpochIs(t *testing.T) {
	h := protocol.Handshake{Query: []byte("resume=here.7.3")}
	p := positionOf(h.Resume())
	if p.compare(nil); p.outcome != stats.UnknownPosition {
		t.Errorf("%v", p.outcome)
	}
}

func TestTheFirstLossIsReported(t *testing.T) {
	for loss, want := range map[history.Loss]stats.Resume{
		history.LostNothing: stats.Resumed, history.LostToAge: stats.Expired,
		history.LostToBound: stats.TooMany, history.NeverKnown: stats.UnknownPosition,
	} {
		var p position
		if p.lose(loss); p.outcome != want {
			t.Errorf("%v: %v", loss, p.outcome)
		}
		if p.lose(history.LostToAge); want != stats.Resumed && p.outcome != want {
			t.Errorf("%v after %v", p.outcome, want)
		}
	}
}
