package load

import (
	"container/heap"
	"math"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// never is a time that no run reaches.
const never = math.MaxInt64

// admission is the state of all handshakes of a test.
type admission struct {
	arrivalInterval float64 // nanoseconds between arrivals; 0: all clients arrive at once
	nextArrival     int     // index of the next client to arrive
	retries         retries
	deadlines       []deadline // of handshakes under way, in order: each has the same time from its start
	pending         int        // handshakes under way
	entered         int
	givenUp         int
	lastAdmitted    int64 // when the last client was admitted
	lastFull        int64 // when a client that was due last had to wait for --max-concurrent
	delayedArrivals int   // clients that had to wait for it, with an arrival rate
	handshakes      latency
	entries         latency // from a client's arrival to its 101, refusals and waits included
	refused         map[string]int
	failed          map[string]int // handshakes without an HTTP answer, by cause
	notStarted      map[string]int // handshakes for which this host had no socket, port or memory, by cause
	refusals        int
	failures        int
}

func newAdmission(p *Plan) admission {
	a := admission{handshakes: newLatency(), entries: newLatency(), refused: map[string]int{}, failed: map[string]int{}, notStarted: map[string]int{}}
	if p.ArrivalRate > 0 {
		a.arrivalInterval = float64(time.Second) / p.ArrivalRate
	}
	return a
}

// stepAdmission starts the handshakes that are due, ends those that take too long, and returns when to call it again.
func (f *fleet) stepAdmission(now int64) (next int64) {
	a := &f.admission
	f.expireHandshakes(now)
	for range startsPerTurn {
		i, due, ok := f.nextClient(now)
		if !ok {
			break
		}
		f.startHandshake(i, due)
	}
	limit := int64(f.plan.duration())
	if a.entered+a.givenUp == len(f.connections) || now >= limit {
		f.endAdmission(now)
		return now
	}
	return min(f.nextAdmissionTime(now), limit)
}

// endAdmission starts the next stage. Without any connection there is nothing to measure.
func (f *fleet) endAdmission(now int64) {
	f.abandonHandshakes(true)
	switch {
	case f.test == Storm || f.admission.entered == 0:
		f.enterStage(closing, now)
	case f.test == Sustained:
		f.enterStage(pausing, now)
	default:
		f.enterStage(sending, now)
	}
}

// abandonHandshakes ends the handshakes that are under way. When the time is over that is a failure of the server;
// after an interrupt it is not.
func (f *fleet) abandonHandshakes(failure bool) {
	for _, d := range f.admission.deadlines {
		c := &f.connections[d.index]
		if c.generation != d.generation || c.state != connecting && c.state != requested {
			continue
		}
		if failure {
			f.recordFailure(d.index, "no answer before the time was over")
		} else {
			f.admission.pending--
			f.close(d.index)
		}
		c.state = gone
	}
	f.admission.retries = nil
}

// nextClient returns the client that may start a handshake now. Retries go first, because they have waited longest.
func (f *fleet) nextClient(now int64) (i int, due int64, ok bool) {
	a := &f.admission
	if a.pending >= f.plan.MaxConcurrent {
		a.lastFull = now
		return 0, 0, false
	}
	if len(a.retries) > 0 && a.retries[0].at <= now {
		w := heap.Pop(&a.retries).(deadline)
		return w.index, w.at, true
	}
	if a.nextArrival < len(f.connections) && f.arrivalTime(a.nextArrival) <= now {
		i, due = a.nextArrival, f.arrivalTime(a.nextArrival)
		if a.arrivalInterval > 0 && due <= a.lastFull {
			a.delayedArrivals++
		}
		f.connections[i].due = due
		a.nextArrival++
		return i, due, true
	}
	return 0, 0, false
}

// arrivalTime is when client i is due.
func (f *fleet) arrivalTime(i int) int64 { return int64(float64(i) * f.admission.arrivalInterval) }

// nextAdmissionTime is when stepAdmission has something to do even if no socket is ready.
func (f *fleet) nextAdmissionTime(now int64) int64 {
	a := &f.admission
	next := int64(never)
	if len(a.deadlines) > 0 {
		next = a.deadlines[0].at
	}
	if a.pending >= f.plan.MaxConcurrent {
		return next
	}
	if a.nextArrival < len(f.connections) {
		next = min(next, max(f.arrivalTime(a.nextArrival), now))
	}
	if len(a.retries) > 0 {
		next = min(next, max(a.retries[0].at, now))
	}
	return next
}

// startHandshake connects. With an arrival rate, latency counts from when the client was due, so that the wait for one
// of the --max-concurrent places is part of it. Without one, a handshake starts when a place is free.
func (f *fleet) startHandshake(i int, due int64) {
	a, c, now := &f.admission, &f.connections[i], f.now()
	c.started = now
	if a.arrivalInterval > 0 {
		c.started = due
	}
	var from netip.Addr
	if len(f.sources) > 0 {
		from = f.sources[i%len(f.sources)]
	}
	c.attempts = min(c.attempts+1, math.MaxUint8-1)
	fd, err := dial(&f.target.endpoint, from)
	if err != nil {
		f.recordNotStarted(i, "connect", err)
		return
	}
	c.fd, c.state = int32(fd), connecting
	c.generation++
	a.pending++
	f.sockets++
	a.deadlines = append(a.deadlines, deadline{now + int64(handshakeTimeout), i, c.generation})
	if err := f.poller.add(fd, unix.EPOLLIN|unix.EPOLLOUT|unix.EPOLLRDHUP|unix.EPOLLET, int32(i), c.generation); err != nil {
		a.pending--
		f.close(i)
		f.recordNotStarted(i, "epoll", err)
		return
	}
	f.sendRequest(i) // on the loopback interface the connection exists already
}

// sendRequest writes the request if the TCP connection is established.
func (f *fleet) sendRequest(i int) {
	c := &f.connections[i]
	f.scratch = f.upgrade.appendRequest(f.scratch[:0], f.upgrade.key(i, c.generation), f.users.tokens[i])
	n, err := send(int(c.fd), f.scratch)
	switch {
	case err != nil:
		f.recordNoAnswer(i, "connect: "+errnoName(err))
	case n > 0:
		c.state = requested
		if n < len(f.scratch) {
			c.out = append(c.out, f.scratch[n:]...)
		}
	}
}

// readAnswer reads the server's answer, or a part of it.
func (f *fleet) readAnswer(i int, data []byte) {
	c := &f.connections[i]
	data = c.reader.open(data)
	size, bad := read101(data, f.upgrade.key(i, c.generation))
	if bad != nil {
		f.failConnection(i, bad)
		return
	}
	if size > 0 {
		c.reader = reader{}
		f.admit(i)
		if len(data) > size {
			f.readFrames(i, data[size:], f.now())
		}
		return
	}
	r, ok, err := readRefusal(data, false, time.Now())
	switch {
	case err != nil:
		f.recordNoAnswer(i, err.Error())
	case ok:
		f.recordRefusal(i, r)
	default:
		c.reader.keep(data)
	}
}

// admit records that client i was answered with a 101.
func (f *fleet) admit(i int) {
	a, c, now := &f.admission, &f.connections[i], f.now()
	c.state = live
	if f.test != Storm {
		_ = setNoDelay(int(c.fd)) // if it fails, the socket is gone, and epoll reports that
	}
	a.pending--
	a.entered++
	a.lastAdmitted = now
	a.handshakes.record(now, time.Duration(now-c.started))
	a.entries.record(now, time.Duration(now-c.due))
	f.open.Add(1)
}
