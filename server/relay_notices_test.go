package server

import (
	"strings"
	"testing"
	"time"
)

// TestOnlyClientsThatResumeGetTheirPosition begins a new epoch.
func TestOnlyClientsThatResumeGetTheirPosition(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	w := c.nodes[0]
	plain := c.join(0, "alice")
	resumes := w.dial("bob")
	resumes.Send(upgradeRequest(w.token("bob") + "&resume="))
	resumes.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	c.settle()
	c.sends(plain, `{"id":"1","message_type":"text"}`)
	resumes.received()
	c.engine.NewEpoch()
	c.settle()
	if got := plain.received(); len(got) != 0 {
		t.Errorf("a client that does not resume gets %q", got)
	}
	got := strings.Join(resumes.received(), "\n")
	for _, want := range []string{
		`"message_type":"position","data":{"epoch":"AAAAAAIAAAAAAI","broadcast":1,"direct":0}`,
		`"message_type":"position","data":{"topic":"news","seq":0,"epoch":"AAAAAAI"}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("a client that resumes gets\n%s\nwant %s", got, want)
		}
	}
}

// TestPositionsAreSentAfterTheBroadcastIsJoined has the bus refuse to join the broadcast at first, after a new epoch.
func TestPositionsAreSentAfterTheBroadcastIsJoined(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	w, b := c.nodes[0], c.engine.Buses()[0]
	bob := w.dial("bob")
	bob.Send(upgradeRequest(w.token("bob") + "&resume="))
	c.settle()
	bob.received()
	b.RefuseJoins = 1
	c.engine.NewEpoch()
	c.settle()
	if got := bob.received(); len(got) != 0 {
		t.Errorf("before the node is in the broadcast, its client gets %q", got)
	}
	c.pass(time.Second)
	want := `"message_type":"position","data":{"epoch":"AAAAAAIAAAAAAI","broadcast":0,"direct":0}`
	if got := bob.received(); len(got) != 1 || !strings.Contains(got[0], want) {
		t.Errorf("after that, it gets %q, want %s", got, want)
	}
}
