package redis

import (
	"testing"
	"time"

	"momentum/internal/redistest"
)

func TestRedisSaysHowMuchItTakes(t *testing.T) {
	s := redistest.Start(t, "maxmemory 64mb", "maxmemory-policy noeviction", "client-output-buffer-limit pubsub 32mb 8mb 60")
	found, err := Examine(s.URL(), time.Now)
	if err != nil || found.Most != 64<<20 || found.Policy != "noeviction" || found.Used == 0 || found.Version == "" || found.RoundTrip <= 0 || found.Output == "" {
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
