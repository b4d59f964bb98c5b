package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"momentum/bench/nodes"
)

const (
	pace     = 10 * time.Millisecond // between two messages of the stream
	stillOut = 20 * time.Second      // messages that do not flow after this time are given up
)

// stream is numbered direct messages from client 0 to client 1, each to be acknowledged.
type stream struct {
	fleet          *fleet
	sent           int
	unsent         int          // the sender was not connected
	acked, refused map[int]bool // by the server's answer
	arrived        map[int]int  // how often
	last           int          // number that has arrived
	disordered     int
	awaited        int       // the first number sent since Redis is back; 0: it is not
	flows          time.Time // when that number or a later one arrived
	next           time.Time
}

func newStream(f *fleet) *stream {
	s := &stream{fleet: f, acked: make(map[int]bool), refused: make(map[int]bool), arrived: make(map[int]int), next: time.Now()}
	f.onMessage = s.receive
	return s
}

func (s *stream) receive(e *event) error {
	switch {
	case e.kind == isAck:
		s.acked[e.ack] = true
	case e.kind == isRefusal && e.ack > 0:
		s.refused[e.ack] = true
	case e.kind == isMessage && channelOf(e.content) == toUser && e.client == 1:
		n := int(number(e.content[1:]))
		s.arrived[n]++
		if n < s.last {
			s.disordered++
		}
		s.last = max(s.last, n)
		if s.awaited > 0 && n >= s.awaited && s.flows.IsZero() {
			s.flows = time.Now()
		}
	}
	return nil
}

// tick sends the messages that are due.
func (s *stream) tick() error {
	for now := time.Now(); !now.Before(s.next); s.next = s.next.Add(pace) {
		if s.fleet.clients[0].state != isOpen {
			s.unsent++
			continue
		}
		s.sent++
		content := fmt.Sprintf("%c%08d%s", directContent, s.sent, filler)
		if err := s.fleet.send(0, s.fleet.message(s.fleet.clients[1].position.user, content, s.sent)); err != nil {
			return err
		}
	}
	return nil
}

// during sends for a time, or until done returns true.
func (s *stream) during(d time.Duration, done func() bool) error {
	var failure error
	over := passed(d)
	err := s.fleet.run(d+patience, func() bool {
		failure = s.tick()
		return failure != nil || over() || done()
	})
	if failure != nil {
		return failure
	}
	return err
}

func never() bool { return false }

// tally is the fate of the stream's messages, by the answers to those that have not arrived.
type tally struct{ ackedLost, openLost, refused, twice, disordered int }

func (s *stream) tally() (t tally) {
	for n := 1; n <= s.sent; n++ {
		switch {
		case s.arrived[n] > 1:
			t.twice++
		case s.arrived[n] == 1:
		case s.acked[n]:
			t.ackedLost++
		case s.refused[n]:
			t.refused++
		default:
			t.openLost++
		}
	}
	t.disordered = s.disordered
	return t
}

func (s *size) redisWithData(r *record, g *nodes.Group, one *server) error {
	return s.outage(r, g, one, "Redis killed, and back with its data", "--appendonly", "yes")
}

func (s *size) redisEmpty(r *record, g *nodes.Group, one *server) error {
	return s.outage(r, g, one, "Redis killed, and back empty")
}

// outage kills Redis during a stream between two nodes, and starts it again.
func (s *size) outage(r *record, g *nodes.Group, one *server, name string, directives ...string) error {
	c, err := s.startCluster(g, one, 2, directives...)
	if err != nil {
		return err
	}
	f, err := c.connected(0, 2)
	if err != nil {
		return err
	}
	defer f.close()
	m := newStream(f)
	if err := m.during(s.before, never); err != nil {
		return err
	}
	c.redis.Kill()
	if err := m.during(s.down, never); err != nil {
		return err
	}
	if err := c.redis.Restart(g); err != nil {
		return err
	}
	back := time.Now()
	m.awaited = m.sent + 1
	if err := m.during(stillOut, func() bool { return !m.flows.IsZero() }); err != nil {
		return err
	}
	if err := m.during(s.after, never); err != nil {
		return err
	}
	if err := f.run(patience, passed(s.after)); err != nil { // for the messages that are on their way
		return err
	}
	m.report(r, one, name, back)
	return nil
}

func (s *stream) report(r *record, one *server, name string, back time.Time) {
	if s.flows.IsZero() {
		r.note(name+": until messages flow again", one, fmt.Sprintf("not within %v", stillOut))
	} else {
		r.add(name+": until messages flow again", "s", one, s.flows.Sub(back).Seconds())
	}
	t := s.tally()
	r.note(name+": messages of the stream: sent, acknowledged", one, fmt.Sprintf("%d, %d", s.sent, len(s.acked)))
	r.note(name+": lost: acknowledged, refused, without an answer", one, fmt.Sprintf("%d, %d, %d", t.ackedLost, t.refused, t.openLost))
	r.note(name+": twice, out of order", one, fmt.Sprintf("%d, %d", t.twice, t.disordered))
	r.note(name+": what clients were told", one, said(s.fleet))
}

// said lists the codes and texts of a server in the order of the alphabet.
func said(f *fleet) string {
	var all []string
	for text, n := range f.codes {
		all = append(all, fmt.Sprintf("%s (%d)", text, n))
	}
	if f.closed > 0 {
		all = append(all, fmt.Sprintf("connections ended (%d)", f.closed))
	}
	if len(all) == 0 {
		return "nothing"
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
