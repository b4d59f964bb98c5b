package server

import (
	"testing"
	"time"

	"momentum/server/reason"
)

func TestSilenceBecomesOverdue(t *testing.T) {
	const now = 10_000
	rules := &Rules{HeartbeatTimeout: 10 * time.Second, ConnectionTimeout: 300 * time.Second}
	for name, tt := range map[string]struct {
		life liveness
		want reason.Reason
	}{
		"a frame came just now":                  {liveness{seen: now}, reason.None},
		"a frame came before the wrap of ticks":  {liveness{seen: ^uint32(0)}, reason.ClosedIdle},
		"a ping is not answered yet":             {liveness{seen: now - 99, pinged: now - 99}, reason.None},
		"a ping was not answered in time":        {liveness{seen: now - 100, pinged: now - 100}, reason.ClosedHeartbeat},
		"silent for less than the timeout":       {liveness{seen: now - 2999}, reason.None},
		"silent for the timeout":                 {liveness{seen: now - 3000}, reason.ClosedIdle},
		"a frame came after the clock was read":  {liveness{seen: now + 5}, reason.None},
		"a ping was sent after that reading too": {liveness{seen: now, pinged: now + 5}, reason.None},
	} {
		if why := tt.life.overdue(now, rules); why != tt.want {
			t.Errorf("%s: %v, want %v", name, why, tt.want)
		}
	}
}

func TestAFrameAnswersAPing(t *testing.T) {
	life := liveness{seen: 5, pinged: 6}
	if life.frame(7); life.seen != 7 || life.pinged != noTick {
		t.Errorf("after a frame: %+v", life)
	}
}

func TestAnAnswerIsTimedOnce(t *testing.T) {
	life := liveness{asked: 1000}
	first, ok := life.answer(3000)
	if !ok || first <= 0 {
		t.Errorf("the first answer took %v, %v", first, ok)
	}
	if again, ok := life.answer(4000); ok {
		t.Errorf("a second answer took %v", again)
	}
}
