package server

import (
	"testing"
	"time"

	"momentum/server/auth"
)

// TestALiftedBanAdmitsTheUser: at once, and the list no longer has it.
func TestALiftedBanAdmitsTheUser(t *testing.T) {
	w := newWorld(t, 1, nil)
	ban := auth.Ban(userID("ann"), w.net.Now().Add(time.Hour).Unix())
	if _, err := w.server.Disconnect(ban.UserID, "", ban.Until); err != nil {
		t.Fatal(err)
	}
	if _, err := w.server.Revoke(auth.Revocation{TokenID: "t", Until: auth.Forever}); err != nil {
		t.Fatal(err)
	}
	w.join("ann")
	count, bans := w.server.Bans("", 5)
	revocations, _ := w.server.Revocations("", 5)
	if refused := w.server.Stats().Refused["banned"]; refused != 1 || count != 1 || len(bans) != 1 || bans[0] != ban || revocations != 1 {
		t.Errorf("%d refused, %d banned: %+v; %d revoked", refused, count, bans, revocations)
	}
	if until := w.server.Lift(auth.Ban(ban.UserID, 0)); until != ban.Until {
		t.Errorf("lifted until %d", until)
	}
	if until := w.server.Lift(ban); until != 0 {
		t.Errorf("lifted again, until %d", until)
	}
	w.join("ann")
	if count, _ := w.server.Bans("", 5); count != 0 || w.server.sessionsNow() != 1 {
		t.Errorf("%d bans, %d sessions", count, w.server.sessionsNow())
	}
}
