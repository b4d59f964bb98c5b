package server

import (
	"errors"
	"testing"

	"momentum/server/cluster"
)

func TestAnAdministratorGetsTheOutcomeInTheCluster(t *testing.T) {
	c := newCluster(t, 1, 2, 100)
	c.join(1, "bob")
	done := make(chan error, 1)
	var got Receipt
	go func() {
		var err error
		got, err = c.nodes[0].server.SendOnce("x", userID("bob"), "text", []byte("1"))
		done <- err
	}()
	for {
		c.engine.Settle()
		select {
		case err := <-done:
			if err != nil || got.Nodes != 1 || got.Seq != 1 || !got.Stored || got.ID != "x" {
				t.Errorf("%+v, %v", got, err)
			}
			return
		default:
		}
	}
}

// TestAnAdministratorLearnsThatTheOutcomeIsUnknown has the bus answer too late. The message that is sent again is published once.
func TestAnAdministratorLearnsThatTheOutcomeIsUnknown(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	w := c.nodes[0]
	w.server.relay.patience = 0
	for range 2 {
		if _, err := w.server.BroadcastOnce("x", "text", []byte("1")); !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, ErrBusUnavailable) {
			t.Errorf("%v", err)
		}
	}
	if n := c.engine.Seq(cluster.Channel{}); n != 0 {
		t.Errorf("%d messages were published", n)
	}
	c.settle()
	if n := c.engine.Seq(cluster.Channel{}); n != 1 {
		t.Errorf("%d messages were published", n)
	}
}
