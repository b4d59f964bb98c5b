package load

import (
	"container/heap"
	"math"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// never is further away than any run.
const never = math.MaxInt64

// admission is how the fleet gets in.
type admission struct {
	arrivalInterval float64 // nanoseconds between arrivals; 0: all want in at once
	nextArrival     int     // who arrives next
	retries         retries
	deadlines       []deadline // of handshakes under way, in order: all have the same time
	pending         int        // handshakes under way
	entered         int
	givenUp         int
	lastAdmitted    int64 // when the last so far was admitted
	lastFull        int64 // when somebody who was due last found no place
	delayedArrivals int   // of those who arrive at a rate: how many found none
	handshakes      latency
	entries         latency // from wanting in to being in, refusals and waits included
	refused         map[string]int
	failed          map[string]int // handshakes without an answer
	notStarted      map[string]int // handshakes that this host had no socket, port or memory for
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

// admit begins the handshakes that are due and ends those that take too long.
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

// admissionOver goes on to what the test is about, if anybody is in.
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

// abandon ends the handshakes that are still under way when the time is over, which is the server's failure, or at an
// interrupt, which is not.
func (f *fleet) abandonHandshakes(failure bool) {
	for _, d := range f.admission.deadlines {
		c := &f.connections[d.index]
		if c.generation != d.generation || c.state != connecting && c.state != requested {
			continue
		}
		if failure {
			f.recordFailure(d.index, "not answered when the time was over")
		} else {
			f.admission.pending--
			f.close(d.index)
		}
		c.state = gone
	}
	f.admission.retries = nil
}

// nextIn takes who may begin a handshake now: those who come back go first, for they have waited longest.
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

func (f *fleet) arrivalTime(i int) int64 { return int64(float64(i) * f.admission.arrivalInterval) }

// nextAdmission is when there is something to do without anything arriving.
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

// begin connects. With an arrival rate latency counts from when the client was due, so that the time it waited
// for one of our --max-concurrent places is not hidden. Without one the place is what a client waits for.
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
	f.sendRequest(i) // on the loopback the connection is there already
}

// ask writes the request if the connection stands.
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

// answered reads the server's answer, or part of it.
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

func (f *fleet) admit(i int) {
	a, c, now := &f.admission, &f.connections[i], f.now()
	c.state = live
	if f.test != Storm {
		_ = setNoDelay(int(c.fd)) // where it fails the socket is gone, and that is heard of
	}
	a.pending--
	a.entered++
	a.lastAdmitted = now
	a.handshakes.record(now, time.Duration(now-c.started))
	a.entries.record(now, time.Duration(now-c.due))
	f.open.Add(1)
}
