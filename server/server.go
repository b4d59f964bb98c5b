// Package server keeps the sessions of connected clients and delivers messages to them: it turns the bytes that a
// reactor reads into sessions and messages, and messages into deliveries.
package server

import (
	"context"
	"hash/maphash"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/admit"
	"momentum/server/auth"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/reason"
	"momentum/server/stats"
)

// Options configures a node. It has no defaults: the configuration has them.
type Options struct {
	Rules                  // the initial ones
	Reactors         int   // event loops
	MaxSockets       int   // sockets the descriptor limit has room for
	MaxHeldBytes     int64 // for clients that do not read, or do not finish their messages; 0: no limit
	AdmissionWorkers int   // goroutines that check tokens; 0 checks on the reactor (see also ByHand)
	Verifier         *auth.Verifier
	Directory        Directory // nil: every user in a valid token is active
	// Probe answers GET path if load balancers and supervisors use that path to check the node's health; otherwise it
	// returns status 0. It is called on the reactors and must not block. It may be nil.
	Probe func(path []byte) (status int, body []byte)
	// HandOff takes over a plain HTTP connection and calls closed once after it has closed. Or it closes fd, returns
	// false and never calls closed. If proxied is set, the connection's client is not its socket's peer.
	HandOff func(fd int, arrived []byte, proxied bool, closed func()) bool
	Log     *slog.Logger
	NetLog  *slog.Logger
	// LogDropped returns how many log lines were dropped since the start. nil means that none ever are.
	LogDropped func() uint64
	Now        func() time.Time
	NewID      func() uuid.UUID
	Seed       uint64 // of jitter and of the epoch; random, or a test repeats a run
	History    History
	Outbound   netpoll.Outbound
}

// Server is one node.
type Server struct {
	options   Options
	rules     atomic.Pointer[Rules] // in force now; each shard has its own
	started   time.Time
	wallWatch wallWatch // the ticker's
	group     *netpoll.Group
	shards    []*shard // each belongs to its reactor
	hub       *presence.Hub
	addresses *admit.Addresses
	announcer *presence.Announcer
	checks    *tokenChecks
	closeLog  closeLog
	slots     admit.Slots
	recent    atomic.Pointer[admit.Recent] // tokens admitted lately; nil until a rate is set

	revocations   auth.Revocations
	deactivations deactivations
	tokenSeed     maphash.Seed // of the hashes that stand for tokens

	counters    stats.Node // one for each reactor
	live        atomic.Int64
	leaving     atomic.Int64 // ended sessions with a socket that is still open
	broadcast   broadcast
	receipts    *history.Receipts
	epoch       string        // of the numbers of all channels: a random one for each start
	overloaded  atomic.Uint64 // messages refused because too much waits already
	compressing atomic.Int64  // live sessions that take compressed frames
	draining    atomic.Bool
	leave       drain
	swept       time.Time // the ticker's
	overflow    overflowAnswers
}

// New makes a node with idle reactors: Listen or a simulation runs them.
func New(o Options) (*Server, error) {
	s := &Server{options: o, started: o.Now(), addresses: admit.NewAddresses(), counters: make(stats.Node, o.Reactors)}
	s.remember(o.History)
	s.tokenSeed = maphash.MakeSeed()
	rules := o.Rules
	s.options.Rules = Rules{} // the only copy is s.rules, which a reload replaces
	s.enforce(&rules)
	s.swept = s.started
	s.leave.over = make(chan struct{})
	s.announcer = presence.NewAnnouncer(s.hub, s.announce)
	s.overflow = newOverflowAnswers()
	group, err := netpoll.NewGroup(netpoll.Options{
		Reactors:   o.Reactors,
		MaxSockets: o.MaxSockets,
		Overflow:   s.overflow.next,
		Outbound:   o.Outbound,
		Now:        o.Now,
		Log:        o.NetLog,
		NewHandler: s.addShard,
		OnTick:     s.Tick,
		OnLag:      s.recordLag,
	})
	if err != nil {
		return nil, err
	}
	s.group = group
	s.checks = startTokenChecks(o.Verifier, o.Now, o.AdmissionWorkers)
	return s, nil
}

func (s *Server) addShard(r *netpoll.Reactor) netpoll.Handler {
	sh := newShard(s, r)
	s.shards = append(s.shards, sh)
	return sh
}

// Group returns the node's reactors, for the code that runs them.
func (s *Server) Group() *netpoll.Group { return s.group }

// Now returns the time of day by the node's clock.
func (s *Server) Now() time.Time { return s.options.Now() }

// watchWall has every reactor review its sessions' tokens after the wall clock has got ahead.
func (s *Server) watchWall(now time.Time) {
	sinceStart := now.Round(0).Sub(s.started.Round(0)) // without their monotonic readings, by the wall clock
	if jump := s.wallWatch.look(s.elapsed(now), sinceStart); jump > 0 {
		s.options.Log.Warn("the host was suspended, or its clock was set forward: closing connections whose tokens have expired meanwhile",
			"seconds", jump.Seconds())
		s.group.PostAll(netpoll.Post{Op: opWall}, nil)
	}
}

// elapsed returns a reading of the node's clock as the time since the start, which no change of the host's date
// affects.
func (s *Server) elapsed(now time.Time) time.Duration { return now.Sub(s.started) }

// Listen serves the node on addr, which may have port 0, and returns when it accepts connections.
func (s *Server) Listen(addr string) (*netpoll.Listener, error) {
	return netpoll.Serve(s.group, addr)
}

// Close ends the workers. The listener must have stopped before.
func (s *Server) Close() { s.checks.stop() }

// Tick does the node's periodic work: presence, a drain, and the sweep. Only the ticker calls it.
func (s *Server) Tick() {
	now := s.options.Now()
	s.announcer.Tick(s.elapsed(now))
	s.watchDrain(now)
	s.watchWall(now)
	s.reportSuppressed(now)
	if now.Sub(s.swept) >= s.rules.Load().CleanupInterval {
		s.swept = now
		s.revocations.Expire(now.Unix())
		go s.reportSweep(s.startSweep(sweepGrace))
	}
}

// reportSweep waits for the periodic sweep, a safety net for the timer wheels. If the sweep closes anything, the
// wheels have a fault, and reportSweep logs it.
func (s *Server) reportSweep(w *sweep) {
	ctx, cancel := context.WithTimeout(context.Background(), s.rules.Load().CleanupInterval)
	defer cancel()
	if err := await(ctx, &w.waiting); err == nil && w.closed.Load() > 0 {
		s.options.Log.Warn("the sweep closed connections that the timer wheels had missed", "closed", w.closed.Load())
	}
}

// overflowAnswers are the 503 responses for connections beyond the descriptor limit, one for each Retry-After. They
// are made beforehand: there is no time to make them when many connections arrive at once.
type overflowAnswers struct {
	answers [admit.RetryAfterMost][]byte
	turn    *atomic.Uint32
}

func newOverflowAnswers() overflowAnswers {
	o := overflowAnswers{turn: new(atomic.Uint32)}
	for i := range o.answers {
		o.answers[i] = protocol.AppendRefusal(nil, reason.RefusedFull.Refusal(), i+1)
	}
	return o
}

func (o overflowAnswers) next() []byte { return o.answers[o.turn.Add(1)%admit.RetryAfterMost] }
