package redis

import (
	"strings"
	"testing"
	"time"

	"momentum/internal/redistest"
)

func TestRedisSaysHowMuchItTakes(t *testing.T) {
	s := redistest.Start(t, "maxmemory 64mb", "maxmemory-policy noeviction", "client-output-buffer-limit pubsub 32mb 8mb 60")
	found, err := Examine(s.URL(), time.Now)
	if err != nil || found.Max != 64<<20 || found.Policy != "noeviction" || found.Used == 0 || found.Version == "" || found.RoundTrip <= 0 || found.Output == "" {
		t.Errorf("%+v, %v", found, err)
	}
	if time.Since(found.Clock).Abs() > time.Minute {
		t.Errorf("its clock is at %v", found.Clock)
	}
	s.Kill(t)
	if _, err := Examine(s.URL(), time.Now); err == nil {
		t.Error("a server that has stopped answers")
	}
}

func TestAClockThatCannotBeReadIsAnError(t *testing.T) {
	if clock, err := clockOf([]string{"1700000000", "250000"}); err != nil || !clock.Equal(time.Unix(1700000000, 250000000)) {
		t.Errorf("%v, %v", clock, err)
	}
	for _, parts := range [][]string{nil, {"1700000000"}, {"1", "2", "3"}, {"x", "2"}, {"1", "x"}} {
		if _, err := clockOf(parts); err == nil || strings.Contains(err.Error(), "%!") {
			t.Errorf("%q: %v", parts, err)
		}
	}
}
