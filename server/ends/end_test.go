package ends

import (
	"testing"

	"momentum/server/reason"
)

func TestEveryReasonHasAKindAndASide(t *testing.T) {
	for why, want := range map[reason.Reason]struct {
		kind Kind
		side Side
	}{
		reason.ClosedByPeer:    {Session, Client},
		reason.ClosedGone:      {Session, Network},
		reason.ClosedHeartbeat: {Session, Node},
		reason.ClosedSlow:      {Session, Node},
		reason.ClosedEarly:     {Handshake, Network},
		reason.RefusedBusy:     {Handshake, Node},
		reason.RefusedToken:    {Handshake, Node},
	} {
		if e := (&End{Reason: why}); e.Kind() != want.kind || e.Side() != want.side {
			t.Errorf("%v is the end of a %s by the %s, want %v", why, e.Kind(), e.Side(), want)
		}
	}
}
