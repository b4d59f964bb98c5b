package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// traffic is what is said and heard.
type traffic struct {
	run      uint64 // marks our messages: another run may use the same users
	steps    int64  // messages to send, if every connection is there
	step     int64  // the next
	spacing  float64
	began    int64
	streams  *streams
	delivery latency
	early    *hdrhistogram.Histogram // deliveries of the first third and of the last third of a sustained test
	late     *hdrhistogram.Histogram
	lateness *hdrhistogram.Histogram // of this program: from when a message was due to when it was written

	sent, received, unsent          int // unsent: due, and its connection was gone or did not take it
	disordered, duplicated, strange int
	lastReceived                    int64
	complaints                      map[string]int // by code
	drops                           map[string]int
	dropped                         int
	violations                      map[string]int // of RFC 6455, by kind
	violated                        int
}

// newTraffic lays out the schedule. Message k of connection i is due at (k + i/N) intervals: an even stream rather
// than N at once, and no timer for any of them.
func newTraffic(p *Plan, test Test, run uint64) traffic {
	n, interval := p.Connections, p.interval()
	t := traffic{
		run: run, streams: newStreams(n, p.Fanout), spacing: float64(interval) / float64(n),
		delivery: newLatency(), early: newHistogram(wholeDigits), late: newHistogram(wholeDigits), lateness: newHistogram(wholeDigits),
		complaints: map[string]int{}, drops: map[string]int{}, violations: map[string]int{},
	}
	switch test {
	case Throughput:
		t.steps = int64(n) * int64(p.Messages)
	case Sustained:
		t.steps = int64(float64(p.duration()) / t.spacing)
	}
	return t
}

func (t *traffic) due(step int64) int64 { return t.began + int64(float64(step)*t.spacing) }

// talk sends what is due, up to a turn's worth.
func (f *fleet) talk(now int64) (next int64) {
	t := &f.traffic
	for range sendsPerTurn {
		if t.step >= t.steps || t.due(t.step) > now {
			break
		}
		f.say(int(t.step%int64(len(f.connections))), t.due(t.step))
		t.step++
	}
	end := int64(never) - int64(overrun)
	if f.test == Sustained {
		end = t.began + int64(f.plan.duration())
	}
	allSaid := t.step >= t.steps
	switch {
	case allSaid && (now >= end || f.test == Throughput), now >= end+int64(overrun), f.open.Load() == 0:
		t.unsent += int(t.steps - t.step)
		f.turnTo(settling, now)
		return now
	case allSaid:
		return end
	}
	return t.due(t.step)
}

// say sends one message, if its connection is there and the server reads from it.
func (f *fleet) say(i int, due int64) {
	t, c := &f.traffic, &f.connections[i]
	if c.state != live || len(c.out) > maxQueuedBytes {
		t.unsent++
		return
	}
	now := f.now()
	if t.spacing == 0 { // without an interval there is no time but now
		due = now
	}
	record(t.lateness, time.Duration(now-due))
	to := ""
	if f.plan.Fanout == Partner {
		to = f.crew.ids[partner(i, len(f.connections))]
	}
	f.scratch = appendMessage(f.scratch[:0], receipt{run: t.run, seq: c.sent, from: i, sent: due}, to, f.stamp)
	t.sent++
	c.sent++
	f.write(i, opText, f.scratch)
}

// write sends a frame, or queues what the socket does not take. There is always room for a close frame; pongs to a
// server that does not read are left out.
func (f *fleet) write(i int, op byte, payload []byte) {
	c := &f.connections[i]
	f.frame = appendFrame(f.frame[:0], op, f.random.Uint32(), payload)
	if len(c.out) > 0 {
		if len(c.out) > maxQueuedBytes && op != opClose {
			return
		}
		c.out = append(c.out, f.frame...)
		return
	}
	n, err := send(int(c.fd), f.frame)
	if err != nil {
		f.ended(i, err)
		return
	}
	if n < len(f.frame) {
		c.out = append(c.out, f.frame[n:]...)
	}
}

// settle waits for messages that are still under way, unless there is no connection left that they could arrive on.
func (f *fleet) settle(now int64) (next int64) {
	t := &f.traffic
	last := max(f.since, t.lastReceived)
	until := last + int64(settleQuiet)
	if t.received >= f.expected() {
		until = last + int64(settleLeast)
	}
	until = min(until, f.since+int64(settleMost))
	if now >= until || f.sockets == 0 {
		f.turnTo(departing, now)
		return now
	}
	return until
}

// expected is how many deliveries there should be of the messages that were sent. After an interrupt, what was under way
// then is not expected any more: only a message that a later one of the same sender has overtaken is missing.
func (f *fleet) expected() int {
	t := &f.traffic
	if f.interrupted {
		return t.streams.begun()
	}
	return t.sent * t.streams.receivers()
}
