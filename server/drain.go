package server

import (
	"context"
	"time"

	"momentum/netpoll"
)

// drainPace spreads one reactor's closes over the drain window.
type drainPace struct {
	on    bool
	until uint32 // tick at which the last session is told
}

// drainPoll is how often Drain looks whether everybody has gone.
const drainPoll = netpoll.TickLength

// Drain lets the node go in order: it is no longer ready and refuses handshakes, then closes every session
// with code 1012 behind what was queued for it, spread over the drain window, and returns when all have gone
// or the window and a little more are over. Calling it again waits for the same drain.
func (s *Server) Drain(ctx context.Context) error {
	s.startDrain()
	ctx, cancel := context.WithTimeout(ctx, s.options.DrainWindow+drainFlush)
	defer cancel()
	poll := time.NewTicker(drainPoll)
	defer poll.Stop()
	for s.live.Load()+s.leaving.Load() > 0 {
		select {
		case <-poll.C:
		case <-ctx.Done():
			s.options.Log.Warn("drain is over, some connections did not go", "sessions", s.live.Load()+s.leaving.Load())
			return ctx.Err()
		}
	}
	return nil
}

func (s *Server) startDrain() {
	if s.draining.Swap(true) {
		return
	}
	s.options.Log.Info("draining", "sessions", s.sessionsNow(), "window", s.options.DrainWindow.String())
	s.group.PostAll(netpoll.Post{Op: opDrain}, nil)
}

func (sh *shard) beginDrain() {
	sh.drain = drainPace{on: true, until: sh.reactor.Tick() + ticks(sh.server.options.DrainWindow)}
	sh.reactor.WantTick()
}

// continueDrain closes, in each tick, the share of the remaining sessions that empties the reactor at the
// window's end; a node with few clients is done much sooner.
func (sh *shard) continueDrain() {
	if !sh.drain.on {
		return
	}
	sh.reactor.WantTick() // also for those that are let in still
	members := sh.fanout.members
	ticksLeft := max(1, int(int32(sh.drain.until-sh.reactor.Tick())))
	share := max(drainBatch, (len(members)+ticksLeft-1)/ticksLeft)
	for range min(share, len(members)) {
		sh.close(sh.fanout.members[len(sh.fanout.members)-1], ClosedDrain)
	}
}
