package client

import (
	"testing"
	"time"
)

func TestTheScheduleFollowsTheEnding(t *testing.T) {
	const half = 500 * time.Millisecond
	for _, tt := range []struct {
		name      string
		ending    ending
		open      time.Duration
		renewable bool
		before    schedule
		want      plan
	}{
		{"a final end", ending{course: final, named: -1}, 0, true, schedule{}, plan{final: true}},
		{"a token of a string", ending{course: renew, named: -1}, 0, false, schedule{}, plan{final: true}},
		{"the first new token", ending{course: renew, named: -1}, 0, true, schedule{waits: 3}, plan{renew: true}},
		{"the second new token", ending{course: renew, named: -1}, 0, true, schedule{renewed: true}, plan{renew: true, wait: half}},
		{"a new token after a long connection", ending{course: renew, named: -1}, lasting, true, schedule{renewed: true}, plan{renew: true}},
		{"an unknown key of a string", ending{course: renewOrRetry, named: -1}, 0, false, schedule{}, plan{wait: half}},
		{"a named time", ending{named: 7 * time.Second}, 0, true, schedule{waits: 3}, plan{wait: 7*time.Second + namedSpread/2, named: true}},
		{"a named time of 0", ending{named: 0}, 0, true, schedule{waits: 3}, plan{wait: namedSpread / 2, named: true}},
		{"the fourth back-off", ending{named: -1}, lasting - 1, true, schedule{waits: 3}, plan{wait: 8 * half}},
		{"the hundredth back-off", ending{named: -1}, 0, true, schedule{waits: 99}, plan{wait: 15 * time.Second}},
		{"a back-off after a long connection", ending{named: -1}, lasting, true, schedule{waits: 3}, plan{wait: half}},
	} {
		tt.before.random = func() float64 { return 0.5 }
		if got := tt.before.next(tt.ending, tt.open, tt.renewable); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
