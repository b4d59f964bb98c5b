package redis

import (
	"testing"
	"time"
)

func TestCanariesAreSentOneAtATime(t *testing.T) {
	c, now := &canary{}, time.Now()
	if !c.due(now) {
		t.Error("the first canary is not due at once")
	}
	n, ok := c.take()
	if _, again := c.take(); !ok || again || c.due(now.Add(time.Minute)) {
		t.Error("another canary is due before the answer")
	}
	if _, late := c.proven(now.Add(time.Minute)); late != time.Minute {
		t.Errorf("it is %v late", late)
	}
	c.answer(n+1, now)
	if _, late := c.proven(now.Add(time.Second)); late == 0 {
		t.Error("an answer to another canary counts")
	}
	c.answer(n, now.Add(3*time.Millisecond))
	if c.lastLatency() != 3*time.Millisecond || !c.due(now.Add(3*time.Millisecond)) {
		t.Error("the second canary is not due at once")
	}
}

func TestALinkIsProvenByTwoAnswersInARow(t *testing.T) {
	c, now := &canary{}, time.Now()
	prove := func() bool {
		c.due(now)
		n, _ := c.take()
		c.answer(n, now)
		ok, _ := c.proven(now)
		return ok
	}
	if prove() || !prove() {
		t.Error("it is not proven by the second answer")
	}
	if c.due(now.Add(canaryInterval-1)) || !c.due(now.Add(canaryInterval)) {
		t.Error("the next canary is not due after the interval")
	}
	c.refuse(now)
	if ok, late := c.proven(now.Add(time.Hour)); ok || late != 0 {
		t.Error("it is still proven after a refusal, or late")
	}
	now = now.Add(canaryInterval)
	if prove() || !prove() {
		t.Error("it is not proven again")
	}
}
