package e2e

import (
	"strings"
	"testing"

	coder "github.com/coder/websocket"

	"momentum/internal/redistest"
)

// TestTwoNodesFollowTheSentinels kills the primary. The nodes go on with the replica, without a change of a setting, and with all users in
// their channels.
func TestTwoNodesFollowTheSentinels(t *testing.T) {
	t.Parallel()
	s := redistest.Sentinel(t)
	url := "redis://" + strings.Join(s.Addrs(), ",") + "?sentinel=momentum"
	p := startTwo(t, [2]string{url, url}, true)
	p.converses()
	s.Primary.Kill(t)
	s.AwaitFailover(t)
	p.awaitReady()
	p.converses()
	for _, n := range p.nodes() {
		if text := n.text(); !strings.Contains(text, "Redis cannot be reached") {
			t.Errorf("the log does not tell of the failover: %s", text)
		}
	}
}

// TestTwoNodesUseARedisCluster has clients resume on the other node, and kills one of three primaries, without which no node is ready.
func TestTwoNodesUseARedisCluster(t *testing.T) {
	t.Parallel()
	c := redistest.Cluster(t, "appendonly yes")
	url := "redis://" + strings.Join(c.Addrs(), ",")
	p := startTwo(t, [2]string{url, url}, true)
	p.converses()
	_ = p.bob.c.CloseNow()
	missed := p.id("direct")
	p.carol.says(missed, "bob", true)
	if got := p.carol.outcome(missed); got != "ack" {
		t.Errorf("a message to a user who is away is answered with %s", got)
	}
	if w := p.bob.dial(t, "ws://"+p.b.ws, coder.DialOptions{}); !w.Resumed || w.Missed != 1 {
		t.Errorf("bob is welcomed with %+v", w)
	}
	p.bob.hears(missed)
	c.Nodes[1].Kill(t)
	for _, n := range p.nodes() {
		eventually(t, "the node is not ready", func() bool { ready, _ := n.ready(t); return !ready })
	}
	c.Nodes[1].Restart(t)
	p.awaitReady()
	p.converses()
}
