package doctor

import (
	"testing"
	"time"
)

func TestFindingsAboutClocks(t *testing.T) {
	zones := planted(map[string]string{"usr/share/zoneinfo/UTC": ""})
	expect(t, "good", Clocks(Clock{Synchronised: true, Known: true, MaxError: 3 * time.Millisecond}, zones), OK, "to 3ms")
	expect(t, "free", Clocks(Clock{Known: true}, zones), Warning, "timedatectl set-ntp true")
	expect(t, "unknown", Clocks(Clock{}, zones), Warning, "does not say")
	expect(t, "zones", Clocks(Clock{}, zones), OK, "they are installed")
	expect(t, "no zones", Clocks(Clock{}, planted(nil)), Warning, "tzdata")
	expect(t, "this host", Clocks(ReadClock(), zones), OK, "")

	expect(t, "a jump", Jumped(5*time.Second, time.Second), Problem, "jumped by 4s")
	if found := Jumped(time.Second, time.Second+jump); found != nil {
		t.Errorf("a steady clock: %+v", found)
	}
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	expect(t, "late", offset("Redis", now.Add(-3*time.Second), now), Problem, "-3s from that of Redis")
	expect(t, "together", offset("Redis", now.Add(time.Second), now), OK, "agrees with that of Redis")
}
