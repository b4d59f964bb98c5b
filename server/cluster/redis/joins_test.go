package redis

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"momentum/internal/serial"
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
		if got := j.begin(nil); len(got) != want {
			t.Errorf("a round has %d requests, not %d", len(got), want)
		}
		j.end(now, nil)
	}
}

func TestRepeatedRequestsComeFirst(t *testing.T) {
	j, now := newJoins(), time.Now()
	j.add(asked(1, now))
	j.begin(nil)
	j.add(left(1))
	j.repeat(j.end(now, nil))
	if got := j.begin(nil); len(got) != 1 || got[0].leave {
		t.Errorf("%+v", got)
	}
}

func TestJoinsExpireOnce(t *testing.T) {
	j, now := newJoins(), time.Now()
	j.add(asked(1, now))
	j.begin(nil)
	for _, r := range []request{asked(2, now), left(3), asked(4, now.Add(time.Second))} {
		j.add(r)
	}
	if got := j.expire(now, true); len(got) != 0 {
		t.Errorf("%v expire too early", got)
	}
	if got := j.expire(now.Add(1), true); len(got) != 2 || got[0] != user(1) || got[1] != user(2) {
		t.Errorf("%v have expired", got)
	}
	if got := j.expire(now.Add(1), true); len(got) != 0 {
		t.Errorf("%v have expired twice", got)
	}
	if round := j.end(now, nil); len(round) != 1 || !round[0].expired {
		t.Errorf("the round is %+v", round)
	}
	if got := j.begin(nil); len(got) != 2 || !got[0].leave {
		t.Errorf("%+v is left", got)
	}
}

func TestAJoinForMissedMessagesThatExpiresIsALeave(t *testing.T) {
	for _, attached := range []bool{false, true} {
		j, now := newJoins(), time.Now()
		again := asked(1, now)
		again.arrival.Again = true
		j.add(again)
		j.add(asked(2, now))
		if got := j.expire(now.Add(1), attached); len(got) != 2 {
			t.Errorf("%v have expired", got)
		}
		got := j.begin(nil)
		if attached && (len(got) != 1 || !got[0].leave || got[0].arrival != (cluster.Arrival{Channel: user(1)})) || !attached && len(got) != 0 {
			t.Errorf("attached %v: %+v is left", attached, got)
		}
	}
}

func TestJoinsThatWaitAreLookedAtOnce(t *testing.T) {
	const many = 100_000
	j, now := newJoins(), time.Now()
	for i := range many {
		j.waiting = append(j.waiting, asked(byte(i), now.Add(time.Duration(i))))
	}
	for i := range 1000 {
		if got := j.expire(now.Add(time.Duration(10*i)), true); len(got) != min(i*10, 10) || j.checked != i*10 {
			t.Fatalf("%d have expired, and %d were looked at, after %d", len(got), j.checked, i)
		}
		j.waiting[0].expired = false // it would be found if it were looked at again
	}
}

func TestExpiredJoinsTakeNoRoomWhileRedisIsAway(t *testing.T) {
	j, now := newJoins(), time.Now()
	j.add(left(1))
	for range 100 {
		for range 100 {
			j.add(asked(1, now))
		}
		now = now.Add(time.Second)
		j.expire(now, false)
	}
	if n := len(j.waiting); n > 2*roundChannels {
		t.Errorf("%d requests are kept", n)
	}
	if got := j.begin(nil); len(got) != 1 || !got[0].leave {
		t.Errorf("%+v is left", got)
	}
}

// TestQueuesOfJoinsKeepTheirOrder compares the queue with a simple one.
func TestQueuesOfJoinsKeepTheirOrder(t *testing.T) {
	serial.Test(t)
	random, now := rand.New(rand.NewPCG(1, 1)), time.Now()
	j := newJoins()
	var model, got, ended []request
	number := 0
	for range 20_000 {
		switch random.IntN(8) {
		case 0, 1, 2:
			for range random.IntN(300) {
				number++
				r := request{arrival: cluster.Arrival{Channel: user(byte(number)), After: uint64(number)}, leave: number%3 == 0}
				if !r.leave {
					r.asked = now
				}
				j.add(r)
				model = append(model, r)
			}
		case 3:
			now = now.Add(time.Second)
			before := now.Add(-time.Duration(random.IntN(20)) * time.Second)
			j.expire(before, false)
			model = slices.DeleteFunc(model, func(r request) bool { return !r.leave && r.asked.Before(before) })
		default:
			got = j.begin(got)
			if len(got) == 0 && len(model) > 0 || !slices.Equal(got, model[:len(got)]) {
				t.Fatalf("%+v is not the beginning of %+v", got, model)
			}
			ended = j.end(now, ended)
			if model = model[len(got):]; random.IntN(3) == 0 {
				j.repeat(ended)
				model = slices.Concat(ended, model)
			}
		}
	}
}

func TestRoundsUseTheirMemoryAgain(t *testing.T) {
	serial.Test(t)
	j, now := newJoins(), time.Now()
	var got, ended []request
	each := testing.AllocsPerRun(100, func() {
		for n := range byte(100) {
			j.add(asked(n, now))
		}
		for got = j.begin(got); len(got) > 0; got = j.begin(got) {
			ended = j.end(now, ended)
		}
	})
	if each != 0 {
		t.Errorf("%v allocations for 100 requests", each)
	}
}
