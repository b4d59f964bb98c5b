// Package server keeps the sessions of connected clients and delivers messages to them: it turns the bytes that a
// reactor reads into sessions and messages, and messages into deliveries.
package server

import (
	"context"
	"time"

	"momentum/netpoll"
	"momentum/server/view"
)

// Server is one node.
type Server struct {
	node
	shards    []*shard // each belongs to its reactor
	leave     drain
	wallWatch wallWatch // the ticker's
	swept     time.Time // the ticker's
	overflow  overflowAnswers
	storms    stormWatch
	Views     *view.Views // the node as administrators see it
}

func (s *Server) addShard(r *netpoll.Reactor) netpoll.Handler {
	sh := newShard(&s.node, r)
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
	s.gossip.tick(s.elapsed(now))
	s.topics.Expire(s.elapsed(now))
	if s.relay != nil {
		s.relay.tick()
	}
	s.topics.TickRooms(s.elapsed(now))
	s.watchDrain(now)
	s.watchWall(now)
	s.storms.tick(s.elapsed(now), s.sessionsNow())
	s.Views.Tick(s.elapsed(now))
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

// recordLag records how late a reactor's turn came. The reactor calls it.
func (s *Server) recordLag(reactor int, late time.Duration) { s.counters[reactor].Lag.Observe(late) }

// reportSuppressed logs how many connections were not named in the last second. The ticker calls it.
func (s *Server) reportSuppressed(now time.Time) {
	if n := s.closeLog.tick(now); n > 0 {
		s.options.Log.Info("more connections were closed for their clients' behavior; level debug names each", "connections", n)
	}
}
