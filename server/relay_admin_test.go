package server

import "testing"

func TestAnAdministratorIsToldOfTheOutcomeInTheCluster(t *testing.T) {
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
