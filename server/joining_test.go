package server

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

func TestANodeInNoClusterAnswersForItself(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.join("ann")
	r := w.server.Reach(false)
	p, err := r.Online(context.Background(), uuid.Nil, 10)
	if err != nil || p.Count != 1 || len(p.Rows) != 1 || p.Partial.Partial {
		t.Errorf("%+v, %v", p, err)
	}
	s, err := r.Stats(context.Background())
	if err != nil || s.Nodes != nil || s.Cluster != nil || s.UniqueUsers != 1 || r.Keeps() {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestANodeDoesNotStartWithoutItsBus(t *testing.T) {
	o := newWorld(t, 1, nil).options
	broken := errors.New("broken")
	o.Connect = func(cluster.Node) (cluster.Bus, error) { return nil, broken }
	if _, err := New(o); !errors.Is(err, broken) {
		t.Error(err)
	}
}
