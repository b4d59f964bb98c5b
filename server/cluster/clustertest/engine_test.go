package clustertest

import (
	"testing"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

func TestTheEngineNumbersChannelsThatSomebodyHasHad(t *testing.T) {
	e := New(2)
	alice := cluster.DirectOf(uuid.UUID{1})
	if o := e.publish(&cluster.Message{To: alice}); o.Err != cluster.ErrUnknown {
		t.Errorf("a message to a user that was never here: %+v", o)
	}
	if e.Publish(cluster.Channel{}, uuid.Nil, "a") != 1 || e.Publish(cluster.Channel{}, uuid.Nil, "b") != 2 {
		t.Error("the broadcast is not numbered from 1 on")
	}
	e.read(cluster.Arrival{Channel: alice, After: cluster.None})
	if o := e.publish(&cluster.Message{To: alice}); o.Err != nil || o.Seq != 1 || !o.Stored {
		t.Errorf("a message to a user that was here: %+v", o)
	}
	e.Forget(alice)
	if o := e.publish(&cluster.Message{To: alice}); o.Err != cluster.ErrUnknown {
		t.Errorf("a message to a user that was evicted: %+v", o)
	}
}

func TestTheEnginePublishesAMessageWithAnIDOnce(t *testing.T) {
	e := New(2)
	m := cluster.Message{Once: cluster.Once{ID: []byte(`"a"`)}}
	if first, second := e.publish(&m), e.publish(&m); first.Seq != 1 || second.Seq != 1 || len(e.Log) != 1 {
		t.Errorf("%+v, then %+v", first, second)
	}
	m.Once.Sender = uuid.UUID{1}
	if o := e.publish(&m); o.Seq != 2 {
		t.Errorf("the same id of another sender: %+v", o)
	}
}

func TestTheEngineKeepsTheLastMessages(t *testing.T) {
	e := New(2)
	for _, json := range []string{"a", "b", "c"} {
		e.Publish(cluster.Channel{}, uuid.Nil, json)
	}
	j := e.read(cluster.Arrival{After: 0})
	if j.Seq != 3 || len(j.Kept) != 2 || j.Kept[0].Seq != 2 || string(j.Kept[1].JSON) != "c" {
		t.Errorf("after 0: %+v", j)
	}
	if j = e.read(cluster.Arrival{After: 2}); len(j.Kept) != 1 {
		t.Errorf("after 2: %+v", j)
	}
	if j = e.read(cluster.Arrival{After: cluster.None}); len(j.Kept) != 0 || j.Seq != 3 {
		t.Errorf("after none: %+v", j)
	}
	epoch := j.Epoch
	e.Lose(1)
	if j = e.read(cluster.Arrival{After: 0}); j.Seq != 2 || j.Epoch == epoch || len(j.Kept) != 1 {
		t.Errorf("after a loss: %+v", j)
	}
}
