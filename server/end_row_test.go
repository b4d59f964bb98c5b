package server

import (
	"net/netip"
	"testing"
	"time"

	"momentum/server/admit"
	"momentum/server/ends"
)

func TestPlacesAreOrderedFromTheNewest(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	order := []EndPlace{
		{},
		{At: at(9), Node: "a"},
		{At: at(7), Node: "a", Kind: ends.Handshake, Number: 5},
		{At: at(7), Node: "a", Kind: ends.Handshake, Number: 4},
		{At: at(7), Node: "a", Kind: ends.Session, Number: 9},
		{At: at(7), Node: "a", Reactor: 1, Number: 8},
		{At: at(7), Node: "b"},
		{At: at(1), Node: "a"},
	}
	for i, p := range order {
		for j, o := range order {
			if got := p.Compare(o); got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("%+v beside %+v: %d", p, o, got)
			}
		}
	}
}

func TestFilterIsMadeForANode(t *testing.T) {
	f := EndFilter{Address: netip.MustParseAddr("2001:db8::7"), Since: time.Unix(70, 0)}
	if got := f.on(time.Unix(60, 0)); got.Since != 10*time.Second || got.Address != admit.NetworkOf(netip.MustParseAddr("2001:db8::8")) {
		t.Errorf("%+v", got)
	}
	if got := (&EndFilter{}).on(time.Unix(60, 0)); got != (ends.Filter{}) {
		t.Errorf("nothing selects %+v", got)
	}
}
