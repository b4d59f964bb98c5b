package load

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// stage is a part of a test.
type stage uint8

const (
	admitting stage = iota // handshakes
	pausing                // all are connected, and the server still sends presence messages
	sending                // messages, on schedule
	settling               // everything is sent, and not everything has arrived
	closing                // closing handshakes
	finished
)

// String is the name in the progress line.
func (p stage) String() string {
	return [...]string{"connecting", "pausing", "sending", "settling", "closing", "done"}[p]
}

// fleet is the connections of one test, and the loop that serves them. All fields but open belong to the loop's
// goroutine.
type fleet struct {
	plan    *Plan
	test    Test
	users   *users
	target  *target
	sources []netip.Addr
	upgrade *upgrade
	random  *rand.Rand
	observe func(Progress)

	poller      *poller
	connections []connection
	server      server
	began       time.Time
	timestamp   string // the time of day for messages; updated with each sample
	buffer      [readBytes]byte
	scratch     []byte
	frameBuffer []byte

	stage        stage
	stageBegan   int64 // when the stage began
	closingBegan int64 // when the last stage ended that is measured
	interrupted  bool
	sockets      int          // open sockets, in any state
	nextToClose  int          // index of the next connection to close
	open         atomic.Int64 // live connections; the sampler reads it too
	admission    admission
	traffic      traffic
	meter        meter
	series       series
}

// newFleet opens no sockets but the poller's.
func newFleet(ctx context.Context, p *Plan, test Test, prepared *Prepared, observe func(Progress)) (*fleet, error) {
	poller, err := newPoller(ctx)
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(p.Seed, uint64(len(test))))
	f := &fleet{
		plan: p, test: test, users: prepared.users, target: prepared.target, sources: prepared.sources,
		random: random, observe: observe, poller: poller, server: server{pid: p.ServerPID},
		connections: make([]connection, p.Connections),
		began:       time.Now(),
		admission:   newAdmission(p),
		traffic:     newTraffic(p, test, random.Uint64()>>1),
	}
	f.upgrade = newUpgrade(f.target, random.Uint64())
	for i := range f.connections {
		f.connections[i].fd = -1
	}
	return f, nil
}

// now is the time since the run began, in nanoseconds.
func (f *fleet) now() int64 { return int64(time.Since(f.began)) }

// run is the loop: it handles everything that is due, waits for events or for the next time, and handles the events. It
// stays on one thread, because the meter measures that thread.
func (f *fleet) run() error {
	defer f.release()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f.series.next = int64(windowLength)
	f.timestamp = f.began.UTC().Format(time.RFC3339)
	f.server.begin()
	f.meter.begin(f.now())
	for f.stage != finished {
		next := f.advance(f.now())
		events, err := f.poller.wait(next, f.now())
		if err != nil {
			return err
		}
		for i := range events {
			f.handle(&events[i])
		}
	}
	f.sample(f.now())
	return nil
}

// release closes everything that is still open.
func (f *fleet) release() {
	for i := range f.connections {
		if c := &f.connections[i]; c.fd >= 0 {
			reset(int(c.fd))
		}
	}
	f.poller.close()
	f.meter.close()
}

// advance handles everything that is due, and returns when to call it again.
func (f *fleet) advance(now int64) (next int64) {
	if f.interrupted && f.stage < closing {
		f.abandonHandshakes(false)
		f.enterStage(closing, now)
	}
	switch f.stage {
	case admitting:
		next = f.stepAdmission(now)
	case pausing:
		if next = f.stageBegan + int64(presencePause); now >= next {
			f.enterStage(sending, now)
		}
	case sending:
		next = f.stepSending(now)
	case settling:
		next = f.stepSettling(now)
	case closing:
		next = f.stepClosing(now)
	}
	if now >= f.series.next && f.stage != finished {
		f.sample(now)
	}
	return min(next, f.series.next)
}

// enterStage begins a stage. It ends the current sample, so that no sample covers two stages.
func (f *fleet) enterStage(p stage, now int64) {
	f.sample(now)
	v := &f.server
	if f.stage == admitting {
		v.read(&v.cpuAdmitted, &v.memorySending)
	}
	switch p {
	case sending:
		v.read(&v.cpuSending, &v.memorySending)
		f.traffic.began = now
	case closing:
		v.read(&v.cpuEnd, &v.memoryEnd)
		v.connections = int(f.open.Load())
		f.closingBegan = now
	}
	f.stage, f.stageBegan = p, now
}

// handle handles one event of the poller.
func (f *fleet) handle(e *unix.EpollEvent) {
	if e.Fd == stopKey {
		f.interrupted = f.stage < closing // later, all figures are complete
	}
	if e.Fd < 0 {
		return
	}
	i := int(e.Fd)
	c := &f.connections[i]
	if c.fd < 0 || c.generation != e.Pad {
		return // the event is of a socket that an earlier one of this batch has closed
	}
	if e.Events&^uint32(unix.EPOLLIN) != 0 {
		f.writable(i)
	}
	hangup := e.Events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0
	if c.generation == e.Pad && c.fd >= 0 && (hangup || e.Events&unix.EPOLLIN != 0) {
		f.readable(i, hangup)
	}
}

// writable writes the bytes that the socket did not take before.
func (f *fleet) writable(i int) {
	c := &f.connections[i]
	switch {
	case c.state == connecting:
		f.sendRequest(i)
	case len(c.out) > 0:
		n, err := send(int(c.fd), c.out)
		if c.out = c.out[n:]; len(c.out) == 0 {
			c.out = nil
		}
		if err != nil {
			f.socketEnded(i, err)
		}
	}
}

// readable reads until the socket has no more data: it is registered edge-triggered, and would not be reported again.
func (f *fleet) readable(i int, hangup bool) {
	c := &f.connections[i]
	for generation := c.generation; c.generation == generation && c.fd >= 0; {
		n, again, err := receive(int(c.fd), f.buffer[:])
		switch {
		case again:
			return
		case n == 0 || err != nil:
			f.socketEnded(i, err)
			return
		case c.state == requested:
			f.readAnswer(i, f.buffer[:n])
		default:
			f.readFrames(i, f.buffer[:n], f.now())
		}
		if n < readBytes && !hangup {
			return
		}
	}
}

// socketEnded handles the end of a socket, whichever side caused it.
func (f *fleet) socketEnded(i int, err error) {
	c := &f.connections[i]
	why := "closed without an answer"
	if err != nil {
		why = errnoName(err)
	}
	switch c.state {
	case connecting, requested:
		f.recordNoAnswer(i, why)
	case live:
		f.drop(i, "without a close frame: "+why)
	default:
		f.close(i)
	}
}

// close closes the socket of a connection.
func (f *fleet) close(i int) {
	c := &f.connections[i]
	if c.state == live {
		f.open.Add(-1)
	}
	_ = unix.Close(int(c.fd))
	f.sockets--
	c.fd, c.state, c.out, c.reader = -1, gone, nil, reader{}
}
