package main

import (
	"fmt"
	"time"

	"momentum/bench/crowd"
	"momentum/bench/nodes"
)

const (
	sendAtOnce  = 100       // messages in one write: so many that a socket takes them
	firstSender = 1_000_000 // the number of the user that sends to those of a storm
)

// storm measures users that arrive at one node at once, are cut off, and come back at once, twice: all have missed a broadcast, and each
// has missed a direct message.
func (s *size) storm(r *record, g *nodes.Group, one *server) error {
	c, err := s.startCluster(g, one, 1)
	if err != nil {
		return err
	}
	n := s.crowd / one.share
	f, err := c.clients(0, n)
	if err != nil {
		return err
	}
	defer f.close()
	before := c.cost()
	if err := f.connect(s.stormTime); err != nil {
		return err
	}
	used, took := c.since(before)
	const name = "storm on one node"
	r.add(name+": users", "", one, float64(n))
	r.add(name+": until all are welcome", "s", one, took.Seconds())
	r.add(name+": CPU of a handshake at the node", "µs", one, micros(used.nodes, int64(n)))
	r.add(name+": Redis CPU of a handshake", "µs", one, micros(used.redis, int64(n)))
	if err := c.mark(f); err != nil {
		return err
	}
	if err := c.leave(f); err != nil {
		return err
	}
	if err := c.comeBack(r, f, "they come back, the same message missed", toAll); err != nil {
		return err
	}
	if err := c.leave(f); err != nil {
		return err
	}
	return c.comeBack(r, f, "they come back, a message of their own missed", toUser)
}

// leave cuts all clients off, and waits until the node has noticed.
func (c *cluster) leave(f *fleet) error {
	f.hold = true
	f.cut()
	return c.settle(f, c.size.grace, c.size.grace+5*time.Second)
}

// mark sends a message to all clients: without one, a client of Socket.IO has no position.
func (c *cluster) mark(f *fleet) error {
	have := 0
	f.onMessage = func(e *event) error {
		if e.kind == isMessage {
			have++
		}
		return nil
	}
	sender, err := c.connected(firstSender, 1)
	if err != nil {
		return err
	}
	defer sender.close()
	if err := c.settle(f, c.size.presenceTime, c.size.presenceTime+5*time.Second); err != nil {
		return err
	}
	if err := sender.send(0, c.message("", string(broadcastContent)+"99"+filler, 0)); err != nil {
		return err
	}
	return f.run(patience, func() bool { return have == len(f.clients) })
}

// comeBack sends a message to all clients while they are away, or one to each of them. Then it lets them connect, and
// counts how many get theirs.
func (c *cluster) comeBack(r *record, f *fleet, name string, channel int) error {
	n := len(f.clients)
	if err := c.sendAll(n, channel); err != nil {
		return err
	}
	if err := c.settle(f, c.size.presenceTime, c.size.presenceTime+5*time.Second); err != nil {
		return err
	}
	got := make(map[int]bool)
	f.onMessage = func(e *event) error {
		if e.kind == isMessage && channelOf(e.content) == channel {
			got[e.client] = true
		}
		return nil
	}
	f.recovered, f.fresh, f.hold = 0, 0, false
	before := c.cost()
	idle, err := c.awaitBack(f, func() bool { return f.open == n }, func() bool { return len(got) == n })
	if err != nil {
		return err
	}
	used, took := c.since(before)
	r.add(name+": until all are back, or given up", "s", c.server, (took - idle).Seconds())
	r.note(name+": back, told that nothing is missing, got the message", c.server, fmt.Sprintf("%d, %d, %d", f.open, f.recovered, len(got)))
	r.share(name+": CPU of one at the node", c.server, used.nodes, f.open)
	r.share(name+": Redis CPU of one", c.server, used.redis, f.open)
	return nil
}

// awaitBack waits until all clients are connected and have their messages, or until the time is over, or until some messages have not come for
// a while, which it returns.
func (c *cluster) awaitBack(f *fleet, open, have func() bool) (idle time.Duration, err error) {
	over, last := passed(c.size.backTime), time.Now()
	err = f.run(c.size.backTime+patience, func() bool {
		if !open() {
			last = time.Now()
		}
		return open() && have() || over() || time.Since(last) > c.size.lateTime
	})
	if open() && !have() {
		idle = time.Since(last)
	}
	return idle, err
}

// sendAll has another user send a message to all, or to each of the first users.
func (c *cluster) sendAll(n, channel int) error {
	f, err := c.connected(firstSender+1, 1)
	if err != nil {
		return err
	}
	defer f.close()
	acked := 0
	f.onMessage = func(e *event) error {
		if e.kind == isAck || e.kind == isRefusal {
			acked = max(acked, e.ack)
		}
		return nil
	}
	if channel == toAll {
		if err := f.send(0, c.message("", string(broadcastContent)+"99"+filler, 1)); err != nil {
			return err
		}
		return f.run(patience, func() bool { return acked == 1 })
	}
	for user := 0; user < n; user += sendAtOnce {
		next := min(n, user+sendAtOnce)
		if err := f.send(0, c.ownMessages(user, next)...); err != nil {
			return err
		}
		if err := f.run(patience, func() bool { return acked == next }); err != nil {
			return fmt.Errorf("messages to users that are away: %w", err)
		}
	}
	return nil
}

// ownMessages returns a message to each of some users. The last one is acknowledged.
func (c *cluster) ownMessages(first, end int) (texts [][]byte) {
	for user := first; user < end; user++ {
		ack := 0
		if user == end-1 {
			ack = end
		}
		texts = append(texts, c.message(crowd.UserID(user).String(), string(directContent)+filler, ack))
	}
	return texts
}

// deadNode kills the node of some users, who come back on another one.
func (s *size) deadNode(r *record, g *nodes.Group, one *server) error {
	c, err := s.startCluster(g, one, 2)
	if err != nil {
		return err
	}
	n := s.orphans
	f, err := newFleet(one.dialect, c.targets()[:1], 0, n, s.over)
	if err != nil {
		return err
	}
	defer f.close()
	if err := f.connect(patience); err != nil {
		return err
	}
	if err := c.mark(f); err != nil {
		return err
	}
	f.hold = true
	c.nodes[0].Kill()
	c.nodes = c.nodes[1:]
	if err := f.run(patience, func() bool { return f.open == 0 }); err != nil {
		return err
	}
	f.targets = c.targets()
	return c.comeBack(r, f, fmt.Sprintf("%d users whose node is killed come back to another one, a message of their own missed", n), toUser)
}
