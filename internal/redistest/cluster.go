package redistest

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// slots is the number of hash slots of every cluster.
const slots = 16384

// Shards are three primaries of a Redis Cluster without replicas. Each has a third of the slots, in order.
type Shards struct {
	Nodes []*Server
}

// Cluster starts three primaries, and waits until each serves its slots and knows those of the others. The directives are
// those of all three.
func Cluster(t testing.TB, directives ...string) *Shards {
	t.Helper()
	c := &Shards{}
	for i := range 3 {
		node := startNode(t, directives)
		node.Do(t, "CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(i*slots/3), strconv.Itoa((i+1)*slots/3-1))
		node.Do(t, "CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1)) // equal ones would have to be resolved
		c.Nodes = append(c.Nodes, node)
	}
	for _, node := range c.Nodes[1:] {
		first := c.Nodes[0]
		node.Do(t, "CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(first.port), strconv.Itoa(first.busPort))
	}
	c.AwaitOK(t)
	return c
}

// startNode starts a server that may join a cluster. The bus has a port of its own, because the usual one, 10,000 above the
// server's, may be one of an outgoing connection.
func startNode(t testing.TB, directives []string) *Server {
	t.Helper()
	s, err := create(standalone, nil)
	if err == nil {
		s.busPort, err = freePort()
		s.directives = append([]string{"cluster-enabled yes", "cluster-node-timeout 3000", fmt.Sprintf("cluster-port %d", s.busPort)}, directives...)
	}
	return s.begin(t, err)
}

// AwaitOK waits until each node says that the cluster is complete, and knows the two others.
func (c *Shards) AwaitOK(t testing.TB) {
	t.Helper()
	for _, node := range c.Nodes {
		await(t, "complete cluster", func() (any, bool) {
			text, _ := node.Do(t, "CLUSTER", "INFO").(string)
			info := fields(text)
			return text, info["cluster_state"] == "ok" && info["cluster_known_nodes"] == "3" && info["cluster_slots_ok"] == strconv.Itoa(slots)
		})
	}
}

// Owner returns the node that has the slot of a key.
func (c *Shards) Owner(t testing.TB, key string) *Server {
	t.Helper()
	slot, _ := c.Nodes[0].Do(t, "CLUSTER", "KEYSLOT", key).(int64)
	for i, node := range c.Nodes {
		if slot < int64((i+1)*slots/3) {
			return node
		}
	}
	t.Fatalf("key %q is in slot %d", key, slot)
	return nil
}

// Addrs returns the addresses of the nodes.
func (c *Shards) Addrs() []string { return addresses(c.Nodes) }

// URL returns one URL with the addresses of all nodes, as rueidis.ParseURL reads it.
func (c *Shards) URL() string {
	return together(c.Nodes, strings.TrimSuffix(c.Nodes[0].URL(), "/0"), url.Values{}) // a cluster has no numbered databases
}

// Replica starts a replica of a node, and waits until it has the node's data, and all primaries know it: those that do not would not vote for it.
// It takes the node's place some seconds after its end.
func (c *Shards) Replica(t testing.TB, of *Server) *Server {
	t.Helper()
	replica := startNode(t, nil)
	replica.Do(t, "CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(of.port), strconv.Itoa(of.busPort))
	id := of.Do(t, "CLUSTER", "MYID").(string)
	await(t, "acquaintance", func() (any, bool) {
		text, _ := replica.Do(t, "CLUSTER", "NODES").(string)
		return text, strings.Count(text, "\n") == len(c.Nodes)+1 && !strings.Contains(text, "handshake")
	})
	replica.Do(t, "CLUSTER", "REPLICATE", id)
	await(t, "data", func() (any, bool) {
		info, _ := replica.Do(t, "INFO", "replication").(string)
		return info, fields(info)["master_link_status"] == "up"
	})
	for _, node := range c.Nodes {
		await(t, "replica at "+node.Addr(), func() (any, bool) {
			text, _ := node.Do(t, "CLUSTER", "NODES").(string)
			return text, connected(text, replica.Addr(), "slave "+id)
		})
	}
	return replica
}

// connected returns whether a node is linked to the one at addr, and knows its role, by the text of CLUSTER NODES.
func connected(text, addr, role string) bool {
	for line := range strings.Lines(text) {
		if strings.Contains(line, " "+addr+"@") {
			return strings.Contains(line, role) && strings.HasSuffix(line, " connected\n")
		}
	}
	return false
}
