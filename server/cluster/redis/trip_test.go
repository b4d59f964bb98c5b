package redis

import (
	"testing"

	"momentum/internal/redistest"
)

func TestScriptsThatRedisHasForgottenAreSentAgain(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1))
	s.Do(t, "SCRIPT", "FLUSH")
	p.say(user(1), "a")
	if o := p.outcome("a"); o.Err != nil || o.Nodes != 1 {
		t.Errorf("%+v", o)
	}
	s.Do(t, "SCRIPT", "FLUSH")
	p.enter(user(2))
	if p.rejoins != 1 {
		t.Error("the bus was attached again")
	}
}
