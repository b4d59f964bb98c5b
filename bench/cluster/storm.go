package main

import (
	"bytes"
	"errors"
	"time"

	"momentum/bench/crowd"
	"momentum/bench/nodes"
)

// stormFigures are those of one side.
type stormFigures struct {
	first, again  cost // the storm, and the one that resumes
	time, resumed time.Duration
	online, kept  float64 // bytes of Redis for each user
}

// storms compares storms of users on one node: new ones, and the same again, each of which has missed a direct message.
func (s *size) storms(r *record, g *nodes.Group) error {
	alone, with, err := s.sides(g, 1, nodeCore)
	if err != nil {
		return err
	}
	found := make(map[*side]stormFigures)
	for _, one := range turns(len(r.Rows), alone, with) {
		if found[one], err = s.storm(one); err != nil {
			return err
		}
	}
	a, w := found[alone], found[with]
	each := func(d time.Duration) float64 { return micros(d) / float64(s.crowd) }
	r.add("storm, without Redis", "s", none, a.time.Seconds())
	r.add("storm: time, with Redis ÷ without", "×", atMost(1.10), w.time.Seconds()/a.time.Seconds())
	r.add("storm: CPU of a handshake at the node, without Redis", "µs", none, each(a.first.nodes))
	r.add("storm: CPU of a handshake at the node, with Redis ÷ without", "×", none, float64(w.first.nodes)/float64(a.first.nodes))
	r.add("storm: round trips to Redis", "", atMost(400), float64(w.first.trips))
	r.add("storm: commands to Redis", "", none, float64(w.first.commands))
	r.add("storm: Redis CPU", "s", atMost(0.15), w.first.redis.Seconds())
	r.add("storm that resumes with a missed message each: time, without Redis", "s", none, a.resumed.Seconds())
	r.add("storm that resumes with a missed message each: time, with Redis ÷ without", "×", none, w.resumed.Seconds()/a.resumed.Seconds())
	r.add("storm that resumes with a missed message each: time ÷ the storm's, both with Redis", "×", atMost(1.15), w.resumed.Seconds()/w.time.Seconds())
	r.add("storm that resumes: round trips to Redis", "", none, float64(w.again.trips))
	r.add("storm that resumes: commands to Redis", "", none, float64(w.again.commands))
	r.add("storm that resumes: Redis CPU", "s", none, w.again.redis.Seconds())
	r.add("Redis memory: a user online", "B", atMost(400), w.online)
	r.add("Redis memory: a user online with one message kept", "B", atMost(900), w.kept)
	return nil
}

// storm measures one side.
func (s *size) storm(one *side) (f stormFigures, err error) {
	if err := s.warm(one); err != nil {
		return f, err
	}
	directs := 0
	c, err := s.clients(one, 0, s.crowd, func(m *crowd.Message) error {
		if m.Tag == crowd.Direct {
			directs++
		}
		return nil
	})
	if err != nil {
		return f, err
	}
	defer c.Close()
	memory, before := one.memory(), one.cost()
	if err := c.Connect(connectTime); err != nil {
		return f, err
	}
	f.time, f.first = one.since(before)
	if err := c.Run(connectTime, after(time.Second)); err != nil {
		return f, err
	}
	f.online = (one.memory() - memory) / float64(s.crowd)
	if err := s.sendAll(one); err != nil {
		return f, err
	}
	if err := c.Run(connectTime, func() bool { return directs == s.crowd }); err != nil {
		return f, err
	}
	f.kept = (one.memory() - memory) / float64(s.crowd)
	return f, s.again(one, c, &directs, &f)
}

// again has the users of a storm leave, and come back.
func (s *size) again(one *side, c *crowd.Crowd, directs *int, f *stormFigures) error {
	c.Hold = true
	c.Cut()
	if err := c.Run(s.settleTime+time.Second, one.left(s.settleTime)); err != nil {
		return err
	}
	if err := s.sendAll(one); err != nil {
		return err
	}
	*directs, c.Hold = 0, false
	before := one.cost()
	if err := c.Run(connectTime, func() bool { return *directs == s.crowd && c.Figures.Open == s.crowd }); err != nil {
		return err
	}
	f.resumed, f.again = one.since(before)
	if c.Figures.Resumed != s.crowd || c.Figures.Missed != s.crowd {
		return errors.New("not everybody has resumed with the missed message")
	}
	return nil
}

// warm opens and closes some connections, so that first allocations are not measured.
func (s *size) warm(one *side) error {
	c, err := s.connected(one, 2_000_000, 500, nil)
	if err != nil {
		return err
	}
	c.Close()
	return nil
}

// memory returns the bytes that Redis has allocated.
func (s *side) memory() float64 {
	if s.redis == nil {
		return 0
	}
	return float64(s.redis.Number("used_memory"))
}

// left returns a function that is true when the node has left the channels of the users that are gone. Without Redis, a user leaves
// after the same time.
func (s *side) left(most time.Duration) func() bool {
	const grace = 4 * time.Second
	early, late := after(grace), after(most)
	look := after(0)
	return func() bool {
		if !early() || s.redis == nil || !look() {
			return early() && s.redis == nil
		}
		look = after(100 * time.Millisecond)
		return s.redis.Number("pubsubshard_channels") < 10 || late()
	}
}

// sendAtOnce is the number of messages in one write: so many that a socket takes them.
const sendAtOnce = 100

// sendAll has another user send a direct message to each of the first users.
func (s *size) sendAll(one *side) error {
	answered := true
	c, err := s.connected(one, 1_000_000, 1, func(m *crowd.Message) error {
		answered = answered || m.Tag == crowd.Reply
		return nil
	})
	if err != nil {
		return err
	}
	defer c.Close()
	for user := 0; user < s.crowd; {
		var frames [][]byte
		for ; user < s.crowd && len(frames) < sendAtOnce; user++ {
			frames = append(frames, crowd.Text(crowd.Direct, user, 32))
		}
		answered = false
		if err := c.Send(0, append(bytes.Join(frames, nil), crowd.Ping()...)); err != nil {
			return err
		}
		if err := c.Run(connectTime, func() bool { return answered }); err != nil {
			return err
		}
	}
	return nil
}
