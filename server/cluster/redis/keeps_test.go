package redis

import (
	"testing"
	"time"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

// keepNotice keeps a notice and waits for the outcome.
func (p *peer) keepNotice(text string, until int64) error {
	done := make(chan error, 1)
	p.Keep(cluster.Notice{Text: []byte(text), Until: until}, func(err error) { done <- err })
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
