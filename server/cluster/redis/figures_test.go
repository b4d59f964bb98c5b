package redis

import (
	"testing"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

func TestFiguresCountWhatTheBusDoes(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1))
	p.say(user(1), "a")
	p.say(user(2), "b")
	p.outcome("b")
	f := p.Figures()
	if f.State != cluster.Healthy || f.Published != 2 || f.Unknown != 1 || f.Joined != 1 || f.Attachments != 1 || f.Batches == 0 || f.CanaryTravel <= 0 ||
		f.OutboxLimit != outboxBytes || f.InboxLimit != inboxBytes {
		t.Errorf("%+v", f)
	}
}
