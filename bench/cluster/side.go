package main

import (
	"fmt"
	"net/netip"
	"time"

	"momentum/bench/crowd"
	"momentum/bench/nodes"
)

// Cores. The nodes of a comparison have one for themselves; Redis shares that of the generator.
const (
	nodeCore  = 0
	otherCore = 1
)

// atOnce is the number of clients that a storm has in their handshakes: no client of a fleet waits for others. An accept queue has 4,096.
const atOnce = 2048

// connectTime bounds the wait for connections and messages.
const connectTime = 60 * time.Second

// side is the nodes that do a job, with or without Redis.
type side struct {
	redis *nodes.Redis // nil: without
	nodes []*nodes.Node
}

// sides starts a node without Redis, and some with it, and has this thread use the core of Redis: it is the clients'.
func (s *size) sides(g *nodes.Group, joined, core int) (alone, with *side, err error) {
	if alone, err = s.side(g, nil, 1, core); err != nil {
		return nil, nil, err
	}
	redisCore := core
	if core == nodeCore {
		redisCore = otherCore
	}
	redis, err := g.StartRedis(redisCore)
	if err != nil {
		return nil, nil, err
	}
	if with, err = s.side(g, redis, joined, core); err != nil {
		return nil, nil, err
	}
	return alone, with, useCore(redisCore)
}

// side starts nodes and waits until they are ready.
func (s *size) side(g *nodes.Group, redis *nodes.Redis, n, core int) (*side, error) {
	one := &side{redis: redis}
	for range n {
		node, err := g.StartNode(nodes.NodeOptions{Binary: s.binary, Redis: redis, Core: core})
		if err != nil {
			return nil, err
		}
		one.nodes = append(one.nodes, node)
	}
	for _, node := range one.nodes {
		if err := node.AwaitReady(); err != nil {
			return nil, err
		}
	}
	return one, nil
}

func (s *side) targets() (all []netip.AddrPort) {
	for _, n := range s.nodes {
		all = append(all, n.Addr)
	}
	return all
}

// cost is the processor time of a side, and the commands of Redis.
type cost struct {
	nodes, redis time.Duration
	began        time.Time
	commands     int64 // subscriptions and calls of scripts
	trips        int64 // reads of Redis, which takes a pipeline of commands with one, or with more if it is long
	published    int64
}

func (s *side) cost() (c cost) {
	for _, n := range s.nodes {
		c.nodes += n.CPU()
	}
	if s.redis != nil {
		c.commands = s.redis.Calls("ssubscribe", "evalsha")
		c.trips = s.redis.Number("total_reads_processed")
		c.published = s.redis.Calls("spublish")
		c.redis = s.redis.CPU()
	}
	c.began = time.Now()
	return c
}

// since returns the cost since an earlier one.
func (s *side) since(before cost) (took time.Duration, c cost) {
	took = time.Since(before.began)
	c = s.cost()
	c.nodes -= before.nodes
	c.redis -= before.redis
	c.commands -= before.commands
	c.trips -= before.trips
	c.published -= before.published
	return took, c
}

// clients makes clients of the nodes of a side in turns. They are not connected yet.
func (s *size) clients(one *side, first, n int, received func(m *crowd.Message) error) (*crowd.Crowd, error) {
	c, err := crowd.New(crowd.Options{Secret: nodes.Secret, First: first, Received: received, Over: s.over, Underway: atOnce})
	if err != nil {
		return nil, err
	}
	c.Targets = one.targets()
	c.Add(n)
	return c, nil
}

// connected makes clients and connects them.
func (s *size) connected(one *side, first, n int, received func(m *crowd.Message) error) (*crowd.Crowd, error) {
	c, err := s.clients(one, first, n, received)
	if err != nil {
		return nil, err
	}
	if err := c.Connect(connectTime); err != nil {
		c.Close()
		return nil, fmt.Errorf("cannot connect: %w", err)
	}
	return c, nil
}

// after returns a function that is true after a time.
func after(d time.Duration) func() bool {
	end := time.Now().Add(d)
	return func() bool { return time.Now().After(end) }
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
