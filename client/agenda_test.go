package client

import (
	"fmt"
	"testing"
	"time"
)

func TestAnAgendaIsDoneInItsOrder(t *testing.T) {
	var a agenda
	var done []string
	start := time.Unix(1000, 0)
	set := func(key string, after time.Duration, what string) {
		a.set(key, start.Add(after), func(time.Time) { done = append(done, what) })
	}
	set("a", 3*time.Second, "replaced")
	set("b", 2*time.Second, "b")
	set("a", time.Second, "a")
	set("c", 3*time.Second, "c")
	if next := a.next(); !next.Equal(start.Add(time.Second)) {
		t.Error(next)
	}
	a.run(start)
	a.run(start.Add(2 * time.Second))
	if fmt.Sprint(done) != "[b a]" || len(a) != 1 {
		t.Error(done, len(a))
	}
	a.run(start.Add(time.Hour))
	if fmt.Sprint(done) != "[b a c]" || !a.next().IsZero() {
		t.Error(done, a.next())
	}
}

func TestNoTimeIsLaterThanAny(t *testing.T) {
	var none time.Time
	early, late := time.Unix(1, 0), time.Unix(2, 0)
	if earlier(none, late) != late || earlier(late, none) != late || earlier(late, early) != early || earlier(early, late) != early || !earlier(none, none).IsZero() {
		t.Error("the wrong one")
	}
}
