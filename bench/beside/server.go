package main

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"momentum/bench/nodes"
)

// Cores. All nodes and Redis have one, and the generator has the other.
const (
	serverCore    = 0
	generatorCore = 1
)

// server is a kind of server in the comparison.
type server struct {
	name string
	dialect
	share int    // of the users of a storm it gets one in so many
	rival string // its program under the directory of the others; empty: ours
	start func(s *size, g *nodes.Group, redis *nodes.Redis) (*nodes.Node, error)
}

var servers = []*server{
	{"Momentum", ours{}, 1, "", startOurs},
	{"centrifuge", centrifuge{}, 1, "centrifuge", startCentrifuge},
	{"Socket.IO", socketIO{}, 3, "socketio/server.js", startSocketIO},
}

// built reports whether the program is there. A machine without Node.js or a registry can do without one of the others.
func (one *server) built(s *size) bool {
	_, err := os.Stat(filepath.Join(s.rivals, one.rival))
	return one.rival == "" || err == nil
}

func startOurs(s *size, g *nodes.Group, redis *nodes.Redis) (*nodes.Node, error) {
	return g.StartNode(nodes.NodeOptions{Binary: s.binary, Redis: redis, Core: serverCore})
}

// startCentrifuge starts it with as many threads of Go as a Momentum with one reactor.
func startCentrifuge(s *size, g *nodes.Group, redis *nodes.Redis) (*nodes.Node, error) {
	args := []string{filepath.Join(s.rivals, "centrifuge"), "--addr", nodes.Here, "--redis", redis.Addr.String()}
	return g.StartOther(nodes.Command{Args: args, Env: []string{"JWT_SECRET=" + nodes.Secret, "GOMAXPROCS=2"}, Core: serverCore})
}

func startSocketIO(s *size, g *nodes.Group, redis *nodes.Redis) (*nodes.Node, error) {
	args := []string{"node", filepath.Join(s.rivals, "socketio", "server.js"), "--addr", nodes.Here, "--redis", redis.Addr.String()}
	return g.StartOther(nodes.Command{Args: args, Env: []string{"JWT_SECRET=" + nodes.Secret, "NODE_ENV=production"}, Core: serverCore})
}

// cluster is some nodes of one kind, joined by a Redis.
type cluster struct {
	*server
	size  *size
	redis *nodes.Redis
	nodes []*nodes.Node
}

// startCluster starts a Redis server and nodes, and waits until they are ready.
func (s *size) startCluster(g *nodes.Group, one *server, n int, directives ...string) (*cluster, error) {
	redis, err := g.StartRedis(serverCore, directives...)
	if err != nil {
		return nil, err
	}
	c := &cluster{server: one, size: s, redis: redis}
	for range n {
		node, err := one.start(s, g, redis)
		if err != nil {
			return nil, err
		}
		c.nodes = append(c.nodes, node)
	}
	for _, node := range c.nodes {
		if err := node.AwaitReady(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *cluster) targets() (all []netip.AddrPort) {
	for _, n := range c.nodes {
		all = append(all, n.Addr)
	}
	return all
}

// clients makes clients of the nodes in turns. They are not connected yet.
func (c *cluster) clients(first, n int) (*fleet, error) {
	return newFleet(c.dialect, c.targets(), first, n, c.size.over)
}

// connected makes clients and connects them.
func (c *cluster) connected(first, n int) (*fleet, error) {
	f, err := c.clients(first, n)
	if err != nil {
		return nil, err
	}
	if err := f.connect(patience); err != nil {
		f.close()
		return nil, fmt.Errorf("cannot connect: %w", err)
	}
	return f, nil
}

// cost is processor time.
type cost struct {
	nodes, redis time.Duration
	at           time.Time
}

func (c *cluster) cost() (k cost) {
	for _, n := range c.nodes {
		k.nodes += n.CPU()
	}
	k.redis = c.redis.CPU()
	k.at = time.Now()
	return k
}

// since returns the cost since an earlier one, and the time.
func (c *cluster) since(before cost) (k cost, took time.Duration) {
	k = c.cost()
	took = k.at.Sub(before.at)
	k.nodes -= before.nodes
	k.redis -= before.redis
	return k, took
}

// settle works until the nodes use less than a tenth of a core, for at most a time. Clients need answers meanwhile.
func (c *cluster) settle(f *fleet, least, most time.Duration) error {
	const look = 200 * time.Millisecond
	if err := f.run(least+patience, passed(least)); err != nil {
		return err
	}
	for late := passed(most - least); !late(); {
		before := c.cost()
		if err := f.run(patience, passed(look)); err != nil {
			return err
		}
		if used, took := c.since(before); used.nodes+used.redis < took/10 {
			return nil
		}
	}
	return nil
}

func micros(d time.Duration, among int64) float64 {
	return float64(d) / float64(time.Microsecond) / float64(max(1, among))
}
