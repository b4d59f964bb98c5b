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
	spacing   float64 // nanoseconds between arrivals; 0: all want in at once
	next      int     // who arrives next
	retries   retries
	deadlines []waiting // of handshakes under way, in order: all have the same time
	pending   int       // handshakes under way
	entered   int
	givenUp   int
	lastIn    int64 // when the last so far was admitted
	fullAt    int64 // when somebody who was due last found no place
	waited    int   // of those who arrive at a rate: how many found none
	handshake latency
	entry     latency // from wanting in to being in, refusals and waits included
	refused   map[string]int
	failed    map[string]int // handshakes without an answer
	unbegun   map[string]int // handshakes that this host had no socket, port or memory for
	refusals  int
	failures  int
}

func newAdmission(p *Plan) admission {
	a := admission{handshake: newLatency(), entry: newLatency(), refused: map[string]int{}, failed: map[string]int{}, unbegun: map[string]int{}}
	if p.ArrivalRate > 0 {
		a.spacing = float64(time.Second) / p.ArrivalRate
	}
	return a
}

// admit begins the handshakes that are due and ends those that take too long.
func (f *fleet) admit(now int64) (next int64) {
	a := &f.admission
	f.expire(now)
	for range startsPerTurn {
		i, due, ok := f.nextIn(now)
		if !ok {
			break
		}
		f.begin(i, due)
	}
	limit := int64(f.plan.duration())
	if a.entered+a.givenUp == len(f.connections) || now >= limit {
		f.admissionOver(now)
		return now
	}
	return min(f.nextAdmission(now), limit)
}

// admissionOver goes on to what the test is about, if anybody is in.
func (f *fleet) admissionOver(now int64) {
	f.abandon(true)
	switch {
	case f.test == Storm || f.admission.entered == 0:
		f.turnTo(departing, now)
	case f.test == Sustained:
		f.turnTo(calming, now)
	default:
		f.turnTo(talking, now)
	}
}

// abandon ends the handshakes that are still under way when the time is over, which is the server's failure, or at an
// interrupt, which is not.
func (f *fleet) abandon(failure bool) {
	for _, d := range f.admission.deadlines {
		c := &f.connections[d.index]
		if c.generation != d.generation || c.state != connecting && c.state != asking {
			continue
		}
		if failure {
			f.fail(d.index, "not answered when the time was over")
		} else {
			f.admission.pending--
			f.close(d.index)
		}
		c.state = gone
	}
	f.admission.retries = nil
}

// nextIn takes who may begin a handshake now: those who come back go first, for they have waited longest.
func (f *fleet) nextIn(now int64) (i int, due int64, ok bool) {
	a := &f.admission
	if a.pending >= f.plan.MaxConcurrent {
		a.fullAt = now
		return 0, 0, false
	}
	if len(a.retries) > 0 && a.retries[0].at <= now {
		w := heap.Pop(&a.retries).(waiting)
		return w.index, w.at, true
	}
	if a.next < len(f.connections) && f.arrival(a.next) <= now {
		i, due = a.next, f.arrival(a.next)
		if a.spacing > 0 && due <= a.fullAt {
			a.waited++
		}
		f.connections[i].wanted = due
		a.next++
		return i, due, true
	}
	return 0, 0, false
}

func (f *fleet) arrival(i int) int64 { return int64(float64(i) * f.admission.spacing) }

// nextAdmission is when there is something to do without anything arriving.
func (f *fleet) nextAdmission(now int64) int64 {
	a := &f.admission
	next := int64(never)
	if len(a.deadlines) > 0 {
		next = a.deadlines[0].at
	}
	if a.pending >= f.plan.MaxConcurrent {
		return next
	}
	if a.next < len(f.connections) {
		next = min(next, max(f.arrival(a.next), now))
	}
	if len(a.retries) > 0 {
		next = min(next, max(a.retries[0].at, now))
	}
	return next
}

// begin connects. With an arrival rate latency counts from when the client was due, so that the time it waited
// for one of our --max-concurrent places is not hidden. Without one the place is what a client waits for.
func (f *fleet) begin(i int, due int64) {
	a, c, now := &f.admission, &f.connections[i], f.now()
	c.begun = now
	if a.spacing > 0 {
		c.begun = due
	}
	var from netip.Addr
	if len(f.sources) > 0 {
		from = f.sources[i%len(f.sources)]
	}
	c.attempts = min(c.attempts+1, math.MaxUint8-1)
	fd, err := dial(&f.target.endpoint, from)
	if err != nil {
		f.unbegun(i, "connect", err)
		return
	}
	c.fd, c.state = int32(fd), connecting
	c.generation++
	a.pending++
	f.sockets++
	a.deadlines = append(a.deadlines, waiting{now + int64(handshakeTimeout), i, c.generation})
	if err := f.poller.watch(fd, unix.EPOLLIN|unix.EPOLLOUT|unix.EPOLLRDHUP|unix.EPOLLET, int32(i), c.generation); err != nil {
		a.pending--
		f.close(i)
		f.unbegun(i, "epoll", err)
		return
	}
	f.ask(i) // on the loopback the connection is there already
}

// ask writes the request if the connection stands.
func (f *fleet) ask(i int) {
	c := &f.connections[i]
	f.scratch = f.upgrade.appendRequest(f.scratch[:0], f.upgrade.key(i, c.generation), f.crew.tokens[i])
	n, err := send(int(c.fd), f.scratch)
	switch {
	case err != nil:
		f.unanswered(i, "connect: "+errno(err))
	case n > 0:
		c.state = asking
		if n < len(f.scratch) {
			c.out = append(c.out, f.scratch[n:]...)
		}
	}
}

// answered reads the server's answer, or part of it.
func (f *fleet) answered(i int, data []byte) {
	c := &f.connections[i]
	data = c.reader.open(data)
	size, bad := read101(data, f.upgrade.key(i, c.generation))
	if bad != nil {
		f.violated(i, bad)
		return
	}
	if size > 0 {
		c.reader = reader{}
		f.enter(i)
		if len(data) > size {
			f.frames(i, data[size:], f.now())
		}
		return
	}
	r, ok, err := readRefusal(data, false, time.Now())
	switch {
	case err != nil:
		f.unanswered(i, err.Error())
	case ok:
		f.refuse(i, r)
	default:
		c.reader.keep(data)
	}
}

func (f *fleet) enter(i int) {
	a, c, now := &f.admission, &f.connections[i], f.now()
	c.state = live
	if f.test != Storm {
		_ = undelayed(int(c.fd)) // where it fails the socket is gone, and that is heard of
	}
	a.pending--
	a.entered++
	a.lastIn = now
	a.handshake.record(now, time.Duration(now-c.begun))
	a.entry.record(now, time.Duration(now-c.wanted))
	f.open.Add(1)
}
