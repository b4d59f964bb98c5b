package client

import (
	"fmt"
	"testing"
	"time"
)

func TestMessagesAreComparedOnlyInDoubt(t *testing.T) {
	var r recent
	now := time.Unix(1000, 0)
	m := Message{ID: "m1", FromUserID: "u1", Seq: 1}
	other := Message{ID: "m1", FromUserID: "u2", Seq: 1}
	for _, step := range []struct {
		name    string
		message Message
		doubt   bool
		after   time.Duration
		want    bool
	}{
		{"the first", m, false, 0, true},
		{"again without doubt", m, false, time.Second, true},
		{"again", m, true, time.Second, false},
		{"of another sender", other, false, time.Second, true},
		{"without a number", Message{ID: "m1", FromUserID: "u1"}, false, time.Second, true},
		{"when the doubt has ended", m, false, recentAge + 2*time.Second, true},
		{"after a long time", other, true, 2 * recentAge, true},
	} {
		if step.doubt {
			r.doubt(now.Add(step.after))
		}
		if r.pass(&step.message, now.Add(step.after)) != step.want {
			t.Errorf("%s: want %v", step.name, step.want)
		}
	}
}

func TestAThousandMessagesAreRemembered(t *testing.T) {
	var r recent
	now := time.Unix(1000, 0)
	message := func(i int) *Message { return &Message{ID: fmt.Sprint(i), Seq: 1} }
	for i := range maxRecent + 1 {
		r.pass(message(i), now)
	}
	r.doubt(now)
	if r.pass(message(1), now) || r.pass(message(maxRecent), now) || !r.pass(message(0), now) || len(r.seen) != maxRecent {
		t.Error("not the last thousand")
	}
}
