package main

import (
	"fmt"
	"strings"
	"time"

	"momentum/bench/proc"
)

// topics measures messages through topics, to which the open connections subscribe first.
func (p *process) topics(f *fleet, j job, window time.Duration) (m measurement, err error) {
	if err := f.finish(&subscribing{job: j}); err != nil {
		return m, err
	}
	d := inTopics(p.dialect)
	if j.Topics == 1 {
		b := newBroadcastLoad(j, &d)
		return p.run(f, b, b.tally, window)
	}
	if err := f.connect(1, func(time.Duration) {}); err != nil { // the publisher, which is no member
		return m, err
	}
	w := newTopicsLoad(j)
	return p.run(f, w, w.tally, window)
}

// subscriptions measures by how much subscriptions increase a server's resident memory.
func (p *process) subscriptions(f *fleet, j job) (m measurement, err error) {
	<-time.After(settle)
	before, err := proc.Resident(p.cmd.Process.Pid)
	if err != nil {
		return m, err
	}
	if err := f.finish(&subscribing{job: j}); err != nil {
		return m, err
	}
	<-time.After(settle)
	after, err := proc.Resident(p.cmd.Process.Pid)
	m.Count = int64(j.Connections * j.Each)
	m.Resident = max(1, float64(after-before)/float64(m.Count))
	return m, err
}

// inTopics is a dialect whose broadcasts go through the first topic, to its other members.
func inTopics(d *dialect) dialect {
	t := *d
	t.broadcast = func(sender int) []byte { return publication(firstTag+byte(sender), 0) }
	t.sender = productDialect.sender
	t.echoesToSender = false
	t.unsolicited = true
	return t
}

func topicName(topic int) string { return fmt.Sprintf("topic.%d", topic) }

// publication is a message to a topic, as a frame.
func publication(tag byte, topic int) []byte {
	return frame([]byte(message(tag, `,"topic":"`+topicName(topic)+`"`, chatLetters)))
}

// subscription asks for the topics of a connection, as a frame: each has so many, one after another.
func (j job) subscription(client int) []byte {
	names := make([]string, j.Each)
	for i := range names {
		names[i] = `"` + topicName((client*j.Each+i)%j.Topics) + `"`
	}
	return frame(fmt.Appendf(nil, `{"id":"%s","message_type":"subscribe","data":{"topics":[%s]}}`, tagged(replyTag), strings.Join(names, ",")))
}

// subscribing has all connections subscribe, some at once, and waits for the answers.
type subscribing struct {
	job
	asked, answered int
}

func (s *subscribing) begin(*fleet) error { return nil }

func (s *subscribing) received(_ *fleet, c *conn, _ time.Time) error {
	if c.stream.tag == replyTag {
		s.answered++
	}
	return nil
}

func (s *subscribing) afterReads(f *fleet) error {
	for s.asked < s.Connections && s.asked-s.answered < inFlight {
		if err := f.conns[s.asked].send(s.subscription(s.asked), time.Now()); err != nil {
			return err
		}
		s.asked++
	}
	if s.answered == s.Connections {
		return errDone
	}
	return nil
}

// topicsLoad has the publisher, which is the last connection, send a message to each topic at once, and again when all members
// have received theirs.
type topicsLoad struct {
	*tally
	frames []byte
	due    int // deliveries until the next messages
	each   int // deliveries of the messages to all topics
	sent   time.Time
}

func newTopicsLoad(j job) *topicsLoad {
	w := &topicsLoad{tally: newTally(), each: j.Connections * j.Each}
	for topic := range j.Topics {
		w.frames = append(w.frames, publication(firstTag, topic)...)
	}
	return w
}

func (w *topicsLoad) begin(f *fleet) error { return w.afterReads(f) }

func (w *topicsLoad) received(_ *fleet, c *conn, now time.Time) error {
	if c.stream.tag != firstTag {
		return nil
	}
	if w.due == 0 {
		return errDuplicate
	}
	w.due--
	w.add(now.Sub(w.sent))
	return nil
}

func (w *topicsLoad) afterReads(f *fleet) error {
	if w.due > 0 {
		return nil
	}
	w.due, w.sent = w.each, time.Now()
	return f.conns[len(f.conns)-1].send(w.frames, w.sent)
}
