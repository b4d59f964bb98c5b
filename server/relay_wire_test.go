package server

import (
	"errors"
	"testing"

	"momentum/server/cluster"
)

func TestANodeWithAWrongBusDoesNotStart(t *testing.T) {
	w := newWorld(t, 1, nil)
	wrong := errors.New("wrong")
	w.options.Connect = func(cluster.Node) (cluster.Bus, error) { return nil, wrong }
	if _, err := New(w.options); !errors.Is(err, wrong) {
		t.Errorf("%v", err)
	}
}
