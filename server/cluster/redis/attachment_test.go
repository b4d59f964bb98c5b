package redis

import (
	"errors"
	"strings"
	"testing"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

func TestADemotedPrimaryIsNoticed(t *testing.T) {
	t.Parallel()
	s, other := redistest.Start(t), redistest.Start(t)
	p := healthy(t, s.URL(), user(1))
	epoch := p.EpochOf(user(1))
	host, port, _ := strings.Cut(other.Addr(), ":")
	s.Do(t, "REPLICAOF", host, port)
	p.await("loss", func() bool { return p.Bus.State() != cluster.Healthy })
	s.Do(t, "REPLICAOF", "NO", "ONE")
	p.await("health", func() bool { return p.rejoins > 1 && p.Bus.State() == cluster.Healthy })
	if p.EpochOf(user(1)) == epoch {
		t.Error("the epoch is the same after a failover")
	}
	p.say(user(1), "a")
	if o := p.outcome("a"); o.Err != nil || o.Nodes != 1 {
		t.Errorf("%+v", o)
	}
}

func TestAnAttachmentEndsOnce(t *testing.T) {
	a := newAttachment(1, &dialer{target: &target{}})
	first := errors.New("first")
	a.end(first)
	a.close()
	if <-a.ended; !errors.Is(a.err, first) {
		t.Error(a.err)
	}
	if _, err := a.dialer.open("127.0.0.1:1"); err == nil {
		t.Error("a connection is made after the end")
	}
}
