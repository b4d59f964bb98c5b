package redis

import (
	"testing"
	"time"

	"momentum/server/cluster"
)

func asked(n byte, at time.Time) request {
	return request{arrival: cluster.Arrival{Channel: user(n)}, asked: at}
}

func left(n byte) request {
	return request{arrival: cluster.Arrival{Channel: user(n)}, leave: true}
}

func TestARoundHasDifferentChannels(t *testing.T) {
	j, now := newJoins(), time.Now()
	for _, r := range []request{asked(1, now), left(2), left(1), asked(1, now)} {
		j.add(r)
	}
	for _, want := range []int{2, 1, 1, 0} {
		if got := j.begin(); len(got) != want {
			t.Errorf("a round has %d requests, not %d", len(got), want)
		}
		j.end()
	}
}

func TestRepeatedRequestsComeFirst(t *testing.T) {
	j, now := newJoins(), time.Now()
	j.add(asked(1, now))
	j.begin()
	j.add(left(1))
	j.repeat(j.end())
	if got := j.begin(); len(got) != 1 || got[0].leave {
		t.Errorf("%+v", got)
	}
}

func TestJoinsExpireOnce(t *testing.T) {
	j, now := newJoins(), time.Now()
	j.add(asked(1, now))
	j.begin()
	for _, r := range []request{asked(2, now), left(3), asked(4, now.Add(time.Second))} {
		j.add(r)
	}
	if got := j.expire(now); len(got) != 0 {
		t.Errorf("%v expire too early", got)
	}
	if got := j.expire(now.Add(1)); len(got) != 2 || got[0] != user(1) || got[1] != user(2) {
		t.Errorf("%v have expired", got)
	}
	if got := j.expire(now.Add(1)); len(got) != 0 {
		t.Errorf("%v have expired twice", got)
	}
	if round := j.end(); len(round) != 1 || !round[0].expired {
		t.Errorf("the round is %+v", round)
	}
	if got := j.begin(); len(got) != 2 || !got[0].leave {
		t.Errorf("%+v is left", got)
	}
}
