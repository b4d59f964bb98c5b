package e2e

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// TestTwoNodesStartedAtOnceDoNotShareAPort starts many pairs of nodes at the same moment, each on one port: one node of
// a pair serves, and the other one exits and names the port.
func TestTwoNodesStartedAtOnceDoNotShareAPort(t *testing.T) {
	const pairs, rounds = 12, 3
	for range rounds {
		var all [pairs]struct {
			port  string
			nodes [2]*process
		}
		for i := range all {
			pair := &all[i]
			_, pair.port, _ = net.SplitHostPort(freeAddr(t))
			env := []string{"JWT_SECRET=" + testSecret, "PORT=" + pair.port, "ADMIN_ADDR=127.0.0.1:0", "LOG_FORMAT=json"}
			for j := range pair.nodes {
				pair.nodes[j] = start(t, env, filepath.Join(bin, "momentum"), "serve")
			}
		}
		for _, pair := range all {
			oneServes(t, pair.port, pair.nodes)
		}
	}
}

// oneServes waits until both nodes have tried to serve the port, and ends them.
func oneServes(t *testing.T, port string, nodes [2]*process) {
	t.Helper()
	serving := 0
	for _, p := range nodes {
		if said := p.expect(":" + port); strings.Contains(said, `"msg":"serving"`) {
			serving++
			defer func() { _ = p.cmd.Process.Kill() }() // not before the other one has tried
		} else if !strings.Contains(said, "in use") || p.exit() == 0 {
			t.Errorf("the second node does not fail because port %s is in use: %s", port, said)
		}
	}
	if serving != 1 {
		t.Errorf("%d nodes of a pair serve port %s", serving, port)
	}
}
