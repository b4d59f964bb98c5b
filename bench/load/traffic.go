package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// traffic is the state of the messages of a test.
type traffic struct {
	run      uint64 // marks the messages of this run: another one may use the same users
	total    int64  // messages in the schedule
	next     int64  // number of the next message in the schedule
	interval float64
	began    int64
	streams  *streams
	delivery latency
	early    *hdrhistogram.Histogram // deliveries of the first third of a sustained test, and of the last
	late     *hdrhistogram.Histogram
	lateness *hdrhistogram.Histogram // from when a message was due to when this program sent it

	sent, received, unsent               int // unsent: due, but the connection was gone or its queue was full
	disordered, duplicated, misdelivered int
	lastReceived                         int64
	errors                               map[string]int // error messages from the server, by code
	drops                                map[string]int
	dropped                              int
	violations                           map[string]int // of RFC 6455, by kind
	violationCount                       int
}

// newTraffic makes the schedule. Message k of connection i is due at (k + i/N) intervals: an even stream instead of N
// messages at once, without a timer for any of them.
func newTraffic(p *Plan, test Test, run uint64) traffic {
	n, interval := p.Connections, p.interval()
	t := traffic{
		run: run, streams: newStreams(n, p.Fanout), interval: float64(interval) / float64(n),
		delivery: newLatency(), early: newHistogram(totalDigits), late: newHistogram(totalDigits), lateness: newHistogram(totalDigits),
		errors: map[string]int{}, drops: map[string]int{}, violations: map[string]int{},
	}
	switch test {
	case Throughput:
		t.total = int64(n) * int64(p.Messages)
	case Sustained:
		t.total = int64(float64(p.duration()) / t.interval)
	}
	return t
}

// due is when a message of the schedule is to be sent.
func (t *traffic) due(step int64) int64 { return t.began + int64(float64(step)*t.interval) }

// stepSending sends the messages that are due, up to sendsPerTurn, and returns when to call it again.
func (f *fleet) stepSending(now int64) (next int64) {
	t := &f.traffic
	for range sendsPerTurn {
		if t.next >= t.total || t.due(t.next) > now {
			break
		}
		f.sendMessage(int(t.next%int64(len(f.connections))), t.due(t.next))
		t.next++
	}
	end := int64(never) - int64(overrun)
	if f.test == Sustained {
		end = t.began + int64(f.plan.duration())
	}
	allSent := t.next >= t.total
	switch {
	case allSent && (now >= end || f.test == Throughput), now >= end+int64(overrun), f.open.Load() == 0:
		t.unsent += int(t.total - t.next)
		f.enterStage(settling, now)
		return now
	case allSent:
		return end
	}
	return t.due(t.next)
}

// sendMessage sends one message, unless its connection is gone or the server does not read from it.
func (f *fleet) sendMessage(i int, due int64) {
	t, c := &f.traffic, &f.connections[i]
	if c.state != live || len(c.out) > maxQueuedBytes {
		t.unsent++
		return
	}
	now := f.now()
	if t.interval == 0 { // without an interval a message is due when it is sent
		due = now
	}
	record(t.lateness, time.Duration(now-due))
	to := ""
	if f.plan.Fanout == Partner {
		to = f.users.ids[partner(i, len(f.connections))]
	}
	f.scratch = appendMessage(f.scratch[:0], tag{run: t.run, seq: c.sent, from: i, sent: due}, to, f.timestamp)
	t.sent++
	c.sent++
	f.writeFrame(i, opText, f.scratch)
}

// writeFrame sends a frame, and queues the bytes that the socket does not take. A full queue still takes a close frame;
// pongs to a server that does not read are dropped.
func (f *fleet) writeFrame(i int, op byte, payload []byte) {
	c := &f.connections[i]
	f.frameBuffer = appendFrame(f.frameBuffer[:0], op, f.random.Uint32(), payload)
	if len(c.out) > 0 {
		if len(c.out) > maxQueuedBytes && op != opClose {
			return
		}
		c.out = append(c.out, f.frameBuffer...)
		return
	}
	n, err := send(int(c.fd), f.frameBuffer)
	if err != nil {
		f.socketEnded(i, err)
		return
	}
	if n < len(f.frameBuffer) {
		c.out = append(c.out, f.frameBuffer[n:]...)
	}
}

// stepSettling waits for messages that are under way, unless there is no connection left on which they could arrive.
func (f *fleet) stepSettling(now int64) (next int64) {
	t := &f.traffic
	last := max(f.stageBegan, t.lastReceived)
	until := last + int64(settleQuiet)
	if t.received >= f.expected() {
		until = last + int64(settleMin)
	}
	until = min(until, f.stageBegan+int64(settleMax))
	if now >= until || f.sockets == 0 {
		f.enterStage(closing, now)
		return now
	}
	return until
}

// expected is how many deliveries the messages that were sent should make. After an interrupt, messages that were under
// way are not expected: a message is missing only if a later one of the same sender has arrived.
func (f *fleet) expected() int {
	t := &f.traffic
	if f.interrupted {
		return t.streams.expectedSoFar()
	}
	return t.sent * t.streams.receivers()
}
