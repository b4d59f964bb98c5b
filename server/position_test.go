package server

import (
	"testing"

	"momentum/protocol"
	"momentum/server/history"
	"momentum/server/stats"
)

func TestPositionOfARequest(t *testing.T) {
	for query, want := range map[string]position{
		"":                  {outcome: stats.NewPosition},
		"resume=":           {asked: true, outcome: stats.NewPosition},
		"resume=here.7.3":   {asked: true, broadcast: 7, direct: 3},
		"resume=before.7.3": {asked: true, outcome: stats.EpochChanged, broadcast: 7, direct: 3},
		"resume=here.7":     {asked: true, outcome: stats.UnknownPosition},
	} {
		h := protocol.Handshake{Query: []byte(query)}
		if got := positionOf(h.Resume(), "here"); got != want {
			t.Errorf("%q: %+v, want %+v", query, got, want)
		}
	}
}

func TestTheFirstLossIsTold(t *testing.T) {
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
