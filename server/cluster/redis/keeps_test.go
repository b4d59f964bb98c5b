package redis

import (
	"fmt"
	"testing"
	"time"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

// keepNotice keeps a notice and waits for the outcome.
func (p *peer) keepNotice(text string, until int64, void ...string) error {
	done := make(chan error, 1)
	p.Keep(cluster.Notice{Text: []byte(text), Until: until, Void: void}, func(err error) { done <- err })
	return <-done
}

func TestNoticesWaitForNodesThatComeLater(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	a := healthy(t, s.URL())
	for text, until := range map[string]int64{"new": time.Now().Add(time.Hour).Unix(), "always": 0} {
		if err := a.keepNotice(text, until); err != nil {
			t.Fatal(err)
		}
	}
	s.Do(t, "ZADD", "mo:out", "5", "old")
	if err := a.keepNotice("always", 0); err != nil {
		t.Fatal(err)
	}
	b := healthy(t, s.URL())
	if len(b.noticed) != 2 || b.noticed[0] != "new" || b.noticed[1] != "always" {
		t.Errorf("noticed: %q", b.noticed)
	}
	if len(a.noticed) != 0 {
		t.Errorf("noticed: %q", a.noticed)
	}
}

func TestNoticesAreRefusedWithoutRedis(t *testing.T) {
	p := start(t, "redis://127.0.0.1:1", testHistory)
	if err := p.keepNotice("a", 0); err != cluster.ErrUnavailable {
		t.Error(err)
	}
}

// TestANoticeFindsTheRoomOfThoseThatItMakesVoid: Redis has as many as it may, and none of them ends.
func TestANoticeFindsTheRoomOfThoseThatItMakesVoid(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	s.Do(t, "EVAL", "for i = 1, ARGV[1] do redis.call('ZADD', KEYS[1], 'inf', i) end", "1", "mo:out", fmt.Sprint(cluster.MaxNotices))
	if err := p.keepNotice("another", 0, "never kept"); err != cluster.ErrUnavailable {
		t.Errorf("Redis is not full: %v", err)
	}
	if err := p.keepNotice("lift", 0, "never kept", "7", "8"); err != nil {
		t.Error(err)
	}
	if kept := s.Do(t, "ZMSCORE", "mo:out", "7", "8", "lift"); fmt.Sprint(kept) != "[<nil> <nil> inf]" {
		t.Errorf("of the bans and their lift, Redis has %v", kept)
	}
	if n := s.Do(t, "ZCARD", "mo:out"); fmt.Sprint(n) != fmt.Sprint(cluster.MaxNotices-1) {
		t.Errorf("Redis has %v notices", n)
	}
}
