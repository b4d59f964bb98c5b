package server

import (
	"strings"
	"testing"
)

// sends has a client send a message and returns the answers to it.
func (c *joinedWorlds) sends(from *client, message string) []string {
	from.text(message)
	c.settle()
	return from.received()
}

func (c *joinedWorlds) join(node int, name string) *client {
	client := c.nodes[node].join(name)
	c.settle()
	for _, w := range c.nodes {
		for _, each := range w.clients {
			each.received() // the 101, and who has joined
		}
	}
	return client
}

func to(name string) string { return `"to_user_id":"` + userID(name).String() + `"` }

func TestAClientGetsTheOutcomeInTheCluster(t *testing.T) {
	c := newCluster(t, 1, 2, 100)
	alice, bob := c.join(0, "alice"), c.join(1, "bob")
	for _, tt := range []struct{ name, message, want string }{
		{"to a user on another node", `{"id":"1","message_type":"text",` + to("bob") + `,"ack":true}`, `{"id":"1","message_type":"ack","data":{"seq":1,"online":true,"stored":true}`},
		{"the same again", `{"id":"1","message_type":"text",` + to("bob") + `,"ack":true}`, `{"id":"1","message_type":"ack","data":{"seq":1,"online":true,"stored":true}`},
		{"to a user that is nowhere", `{"id":"2","message_type":"text",` + to("carol") + `}`, `"code":"user_not_online"`},
		{"to everybody", `{"id":"3","message_type":"text","ack":true}`, `{"id":"3","message_type":"ack","data":{"seq":1,"online":true,"stored":true}`},
	} {
		if got := c.sends(alice, tt.message); len(got) != 1 || !strings.Contains(got[0], tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := bob.received(); len(got) != 2 || !strings.Contains(got[0], `"id":"1"`) || !strings.Contains(got[1], `"id":"3"`) {
		t.Errorf("bob gets %q", got)
	}
	bob.HangUp()
	c.settle()
	if got := c.sends(alice, `{"id":"4","message_type":"text",`+to("bob")+`}`); len(got) != 1 || !strings.Contains(got[0], `"stored":true`) {
		t.Errorf("to a user that is away: %q", got)
	}
}

// TestAReactorLetsAnIdleBusRun for the first direct message. The bus is busy then, and takes the others with the next round trip.
func TestAReactorLetsAnIdleBusRun(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	alice := c.join(0, "alice")
	reactor := c.nodes[0].shards()[0].reactor
	reactor.TakeYield()
	for i, want := range []bool{true, false, false} {
		alice.text(`{"message_type":"text",` + to("alice") + `}`)
		if got := reactor.TakeYield(); got != want {
			t.Errorf("message %d: %v", i, got)
		}
	}
	for _, other := range []string{`{"message_type":"text"}`, `{"message_type":"ping"}`} {
		c.settle()
		if alice.text(other); reactor.TakeYield() {
			t.Error(other)
		}
	}
}

func TestANodeThatIsCutOffDeliversToItsOwnClients(t *testing.T) {
	c := newCluster(t, 1, 2, 100)
	alice, bob, carol := c.join(0, "alice"), c.join(0, "bob"), c.join(1, "carol")
	c.sends(bob, `{"message_type":"subscribe","data":{"topics":["news"]}}`)
	alice.received()
	c.engine.Buses()[0].Cut()
	c.settle()
	if err := c.nodes[0].server.ClusterFault(); err == nil {
		t.Error("the node is ready")
	}
	for _, tt := range []struct{ message, want string }{
		{`{"id":"1","message_type":"text"}`, ""},
		{`{"id":"2","message_type":"text",` + to("bob") + `}`, ""},
		{`{"id":"6","message_type":"text","topic":"news"}`, ""},
		{`{"id":"3","message_type":"text",` + to("carol") + `}`, "bus_unavailable"},
		{`{"id":"4","message_type":"text","ack":true}`, "bus_unavailable"},
	} {
		if got := strings.Join(c.sends(alice, tt.message), ""); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.message, got, tt.want)
		}
	}
	got := strings.Join(bob.received(), "")
	if !strings.Contains(got, `"id":"1"`) || !strings.Contains(got, `"id":"2"`) || !strings.Contains(got, `"id":"6"`) || strings.Contains(got, `"id":"4"`) || strings.Contains(got, `"seq"`) {
		t.Errorf("bob gets %q", got)
	}
	if got := carol.received(); len(got) != 0 {
		t.Errorf("carol gets %q", got)
	}
	c.engine.Buses()[0].Heal()
	c.settle()
	if err := c.nodes[0].server.ClusterFault(); err != nil {
		t.Errorf("healed: %v", err)
	}
	if got := c.sends(carol, `{"id":"5","message_type":"text","ack":true}`); len(got) != 1 {
		t.Errorf("healed: %q", got)
	}
	if got := bob.received(); len(got) != 1 || !strings.Contains(got[0], `"seq":1`) {
		t.Errorf("healed: bob gets %q", got)
	}
}
