package server

import (
	"fmt"
	"strings"
	"testing"

	"momentum/server/cluster"
)

// TestAClientAheadOfItsNodeGetsTheRest has a client come back to a node that lacks messages which the client, or another node, has had.
func TestAClientAheadOfItsNodeGetsTheRest(t *testing.T) {
	for _, had := range []int{1, 2, 3} {
		c := newCluster(t, 1, 1, 100)
		w, bus := c.nodes[0], c.engine.Buses()[0]
		c.join(0, "alice") // keeps the node in the channel
		bus.Deaf = true
		for range 3 {
			c.engine.Publish(cluster.Channel{}, userID("bob"), `{"id":"b"`)
			c.engine.Publish(cluster.DirectOf(userID("alice")), userID("bob"), `{"id":"d"`)
		}
		c.settle()
		bus.Deaf = false
		again := w.dial("alice")
		again.Send(upgradeRequest(w.token("alice") + fmt.Sprintf("&resume=AAAAAAEAAAAAAE.%d.%d", had, had)))
		c.settle()
		got := again.heard()
		want := fmt.Sprintf(`"broadcast":3,"direct":3,"resumed":true,"missed":%d}`, 2*(3-had))
		if len(got) != 2+2*(3-had) || !strings.Contains(got[1], want) {
			t.Errorf("after %d: %q, want %s", had, got, want)
		}
	}
}

// TestAHandshakeIsAdmittedWithoutTheBus cuts the node off: clients connect, and are told that their position is unknown.
func TestAHandshakeIsAdmittedWithoutTheBus(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	w := c.nodes[0]
	c.engine.Buses()[0].Cut()
	c.settle()
	alice := w.dial("alice")
	alice.Send(upgradeRequest(w.token("alice") + "&resume=AAAAAAEAAAAAAE.0.0"))
	c.settle()
	if got := alice.heard(); len(got) != 2 || !strings.Contains(got[1], `"resumed":false,"reason":"unknown"`) {
		t.Errorf("%q", got)
	}
	c.engine.Buses()[0].Heal()
	c.settle()
	if got := alice.heard(); len(got) != 1 || !strings.Contains(got[0], `"message_type":"position"`) {
		t.Errorf("connected again: %q", got)
	}
}
