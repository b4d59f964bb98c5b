package netpoll

import (
	"io"
	"net"
	"testing"
	"time"
)

// fullSocket queues all bytes until a test takes some of them, and counts how often it is asked for them.
type fullSocket struct {
	queued int
	looks  *int
	conn   *Conn
}

func (s *fullSocket) Write(p []byte) (int, error) { s.queued += len(p); return len(p), nil }
func (s *fullSocket) OutboundBuffered() int       { *s.looks++; return s.queued }
func (s *fullSocket) Fd() int                     { return 0 }
func (s *fullSocket) Dup() (int, error)           { return -1, net.ErrClosed }
func (s *fullSocket) SetContext(c any)            { s.conn = c.(*Conn) }
func (s *fullSocket) RemoteAddr() net.Addr        { return nil }

// fullDriver closes such sockets.
type fullDriver struct{ idleDriver }

func (fullDriver) Close(s Socket) {
	c := s.(*fullSocket).conn
	c.reactor.Lost(c, nil)
}

// slowHandler notes in which tick each connection became slow.
type slowHandler struct {
	idleHandler
	at map[*Conn]uint32
}

func (h slowHandler) Slow(c *Conn) int { h.at[c] = c.reactor.tick; return 1 }

// backlogWorld is a reactor whose sockets all have bytes queued.
type backlogWorld struct {
	*Reactor
	sockets []*fullSocket
	slow    map[*Conn]uint32
	ends    int // the most connections that one turn has called slow
	looks   int
	advance func(time.Duration)
}

// newBacklog opens that many connections and queues ten bytes for each. The soft limit is five bytes, for ten ticks.
func newBacklog(t *testing.T, connections int) *backlogWorld {
	t.Helper()
	w := &backlogWorld{slow: make(map[*Conn]uint32)}
	g, advance := idleGroup(t, 1, func(o *Options) {
		o.MaxSockets = connections
		o.Outbound = Outbound{Soft: 5, Hard: 1 << 20, GraceTick: 10}
		o.NewHandler = func(*Reactor) Handler { return slowHandler{at: w.slow} }
	})
	w.Reactor, w.advance = g.Attach(0, fullDriver{}), advance
	for range connections {
		s := &fullSocket{looks: &w.looks}
		w.Open(s)
		s.conn.Send(make([]byte, 10))
		w.sockets = append(w.sockets, s)
	}
	return w
}

// tick moves the clock by a tick and turns until nothing is left to do. It returns the number of turns and the most looks of one.
func (w *backlogWorld) tick() (turns, most int) {
	w.advance(TickLength)
	w.Wake()
	for ; w.rung.Load(); turns++ {
		before, slow := w.looks, len(w.slow)
		w.Turn()
		most, w.ends = max(most, w.looks-before), max(w.ends, len(w.slow)-slow)
	}
	return turns, most
}

// expect checks the sums that the reactor keeps, and those that it publishes.
func (w *backlogWorld) expect(t *testing.T, when string, connections, bytes int) {
	t.Helper()
	if w.Backlog() != bytes || w.backlog.conns != connections || w.queued.Load() != int64(bytes) || w.backlogged.Load() != int64(connections) {
		t.Errorf("%s: %d bytes of %d connections, published as %d of %d, want %d of %d", when,
			w.Backlog(), w.backlog.conns, w.queued.Load(), w.backlogged.Load(), bytes, connections)
	}
}

func TestATurnLooksAtABoundedNumberOfSlowConnections(t *testing.T) {
	const connections = 4 * backlogLapTicks * backlogBudget
	w := newBacklog(t, connections)
	w.looks = 0
	for range backlogLapTicks {
		if turns, most := w.tick(); turns != 4 || most > backlogBudget {
			t.Errorf("%d turns for a tick's looks, %d looks in one; want 4, at most %d", turns, most, backlogBudget)
		}
	}
	if w.looks != connections {
		t.Errorf("%d looks in %d ticks, want one at each of %d connections", w.looks, backlogLapTicks, connections)
	}
	w.expect(t, "nothing was taken", connections, 10*connections)
}

// TestFewSlowConnectionsAreLookedAtInEachTick: as many as one turn looks at.
func TestFewSlowConnectionsAreLookedAtInEachTick(t *testing.T) {
	w := newBacklog(t, backlogBudget)
	for i := range backlogLapTicks {
		w.looks = 0
		if turns, _ := w.tick(); turns != 1 || w.looks != backlogBudget {
			t.Errorf("tick %d: %d turns, %d looks at %d connections", i, turns, w.looks, backlogBudget)
		}
	}
}

// TestTheSumsOfTheBacklogStayRight while connections catch up, end, and get more, between the looks at them.
func TestTheSumsOfTheBacklogStayRight(t *testing.T) {
	const connections = 4 * backlogBudget
	w := newBacklog(t, connections)
	w.tick()
	left, bytes := 0, 0
	for i, s := range w.sockets {
		switch i % 4 {
		case 0: // takes everything
			s.queued = 0
		case 1: // takes some
			s.queued, left, bytes = 4, left+1, bytes+4
		case 2: // ends
			w.Lost(s.conn, io.EOF)
		case 3: // is sent more after it has taken some
			s.queued = 1
			s.conn.Send(make([]byte, 6))
			left, bytes = left+1, bytes+7
		}
	}
	for range 2 * connections / backlogBudget { // the rest of a round of looks, and a whole one
		w.tick()
	}
	w.expect(t, "each has been looked at", left, bytes)
	if len(w.backlog.handles) != left {
		t.Errorf("%d connections are in the list, %d have bytes queued", len(w.backlog.handles), left)
	}
	for _, s := range w.sockets {
		s.queued = 0
	}
	for range connections / backlogBudget {
		w.tick()
	}
	w.expect(t, "all have caught up", 0, 0)
}

// TestAQuestionCorrectsTheBacklog: a handler that asks for what a connection has queued need not wait for the next look.
func TestAQuestionCorrectsTheBacklog(t *testing.T) {
	w := newBacklog(t, 2)
	w.sockets[0].queued = 3
	if n := w.sockets[0].conn.Queued(); n != 3 || w.Backlog() != 13 {
		t.Errorf("%d bytes are queued, %d in all; want 3, 13", n, w.Backlog())
	}
}

// TestAQuestionDoesNotReadTheSocketIfNothingWasQueued: a socket that has left the cache takes as long to read as all else in a close.
func TestAQuestionDoesNotReadTheSocketIfNothingWasQueued(t *testing.T) {
	w := newBacklog(t, 1)
	w.sockets[0].queued = 0
	w.tick()
	before := w.looks
	if n := w.sockets[0].conn.Queued(); n != 0 || w.looks != before {
		t.Errorf("%d bytes are queued, after %d looks", n, w.looks-before)
	}
}

// TestTheGraceIsMeasuredInTicks and not in looks, of which a connection gets one in each fourth tick here.
func TestTheGraceIsMeasuredInTicks(t *testing.T) {
	const connections = 4 * backlogBudget
	w := newBacklog(t, connections)
	for range 1 + 10 + 4 { // to the tick in which the count begins, the grace, and one look at each
		w.tick()
	}
	if len(w.slow) != connections || w.ends > SlowBudget {
		t.Errorf("%d of %d connections were found slow, %d of them in one turn", len(w.slow), connections, w.ends)
	}
	for _, tick := range w.slow {
		if tick <= 10 {
			t.Fatalf("a connection was slow in tick %d, within its grace", tick)
		}
	}
}

// TestReadsShareTheEndsOfSlowConnections: many connections exceed the hard limit after one turn, and the reads before the next one end
// no more of them than a turn does.
func TestReadsShareTheEndsOfSlowConnections(t *testing.T) {
	w := newBacklog(t, 2*SlowBudget+1)
	above := make([]byte, 1<<20)
	for _, s := range w.sockets[1:] {
		s.conn.Send(above)
	}
	for range 3 {
		w.Data(w.sockets[0].conn, []byte("x"))
	}
	if len(w.slow) != SlowBudget {
		t.Errorf("three reads after a turn ended %d slow connections, want %d", len(w.slow), SlowBudget)
	}
	w.Turn()
	if len(w.slow) != 2*SlowBudget {
		t.Errorf("%d slow connections have ended after the next turn, want all %d", len(w.slow), 2*SlowBudget)
	}
}

// TestAStopOfTheProcessIsNoPartOfTheGrace: it sent nothing meanwhile. The grace begins again.
func TestAStopOfTheProcessIsNoPartOfTheGrace(t *testing.T) {
	w := newBacklog(t, 1)
	w.tick()
	w.advance(time.Minute)
	for range 11 {
		w.tick()
	}
	if len(w.slow) != 0 {
		t.Errorf("slow in tick %d, %d ticks after a stop", w.slow[w.sockets[0].conn], w.slow[w.sockets[0].conn]-w.resumed)
	}
	if w.tick(); len(w.slow) != 1 {
		t.Error("not slow after the whole grace")
	}
}

// TestAFlushThatGoesOnIsNotCutOffUnseen: the deadline of a flush itself looks whether the client has taken some bytes.
func TestAFlushThatGoesOnIsNotCutOffUnseen(t *testing.T) {
	for _, takes := range []int{0, 1} {
		w := newBacklog(t, 1)
		s := w.sockets[0]
		s.conn.Finish()
		w.settle()
		for range FlushTicks - 1 {
			w.tick()
		}
		s.queued -= takes
		w.advance(TickLength)
		w.readClock()
		w.wheel.advance(w.Tick())
		w.fireDeadlines(DeadlineBudget)
		w.settle()
		if open := s.conn.sock != nil; open != (takes > 0) {
			t.Errorf("%d bytes were taken since the last look: open %v", takes, open)
		}
	}
}
