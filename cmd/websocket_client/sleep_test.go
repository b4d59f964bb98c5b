package main

import (
	"testing"
	"time"
)

func TestASleepIsNoticed(t *testing.T) {
	for _, tt := range []struct {
		name        string
		date, clock time.Duration
		want        bool
	}{
		{"an hour of sleep", time.Hour, 5 * time.Second, true},
		{"a busy hour", time.Hour, time.Hour, false},
		{"a small correction of the date", 6 * time.Second, 5 * time.Second, false},
		{"the date was set back", -time.Hour, 5 * time.Second, false},
	} {
		if isSleep(tt.date, tt.clock) != tt.want {
			t.Error(tt.name)
		}
	}
	w := sleepWatch{time.Now()}
	if w.slept(time.Now().Add(time.Hour)) {
		t.Error("both clocks have gone on")
	}
}
