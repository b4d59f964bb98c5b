package server

import (
	"testing"
	"time"

	"momentum/server/auth"
)

// owner notes that its check has been made.
type owner struct{ told chan bool }

func (o owner) tokenChecked() { o.told <- true }

func newCheck(t *testing.T, life time.Duration, offered time.Time) (*tokenCheck, owner) {
	t.Helper()
	token, err := auth.Sign(secret, auth.Claims{UserID: userID("alice"), Username: "alice", ExpiresAt: offered.Add(life).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	o := owner{make(chan bool, 1)}
	return &tokenCheck{token: []byte(token), offered: offered, owner: o}, o
}

func newChecks(t *testing.T, workers int, now *time.Time) *tokenChecks {
	t.Helper()
	clock := func() time.Time { return *now }
	checks := startTokenChecks(auth.NewVerifier(auth.Secret(secret), auth.Options{Now: clock}), clock, workers)
	t.Cleanup(checks.stop)
	return checks
}

// TestTokenCheckOutcomes on the goroutine that offers, and on a worker.
func TestTokenCheckOutcomes(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for _, workers := range []int{0, 1} {
		checks := newChecks(t, workers, &now)
		for name, tt := range map[string]struct {
			life  time.Duration
			valid bool
			code  string
		}{
			"valid":   {time.Hour, true, ""},
			"expired": {-time.Hour, false, "token_expired"},
		} {
			c, o := newCheck(t, tt.life, now)
			if !checks.offer(c) {
				t.Fatal("not taken")
			}
			<-o.told
			if c.valid() != tt.valid || c.late || !tt.valid && c.fault.Code != tt.code || tt.valid && c.claims.UserID != userID("alice") {
				t.Errorf("%d workers, %s: %+v", workers, name, c)
			}
		}
	}
}

// TestACheckThatHasWaitedTooLongIsNotMade: its client has probably given up.
func TestACheckThatHasWaitedTooLongIsNotMade(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	checks := newChecks(t, ByHand, &now)
	for waited, late := range map[time.Duration]bool{maxTokenCheckWait: false, maxTokenCheckWait + 1: true} {
		c, o := newCheck(t, time.Hour, now.Add(-waited))
		if !checks.offer(c) {
			t.Fatal("not taken")
		}
		checks.check(<-checks.queue, now)
		<-o.told
		if c.late != late || c.valid() == late || late && c.claims.UserID == userID("alice") {
			t.Errorf("after %v: %+v", waited, c)
		}
	}
}

func TestChecksThatWaitAreBounded(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	checks := newChecks(t, ByHand, &now)
	c, _ := newCheck(t, time.Hour, now)
	for i := range maxTokenChecks {
		if !checks.offer(c) {
			t.Fatalf("%d were taken", i)
		}
	}
	if checks.offer(c) {
		t.Error("one too many was taken")
	}
}
