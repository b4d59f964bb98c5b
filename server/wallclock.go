package server

import (
	"time"

	"momentum/netpoll"
)

// Timeouts are measured with the monotonic clock. The dates in tokens and the ends of bans and revocations are times of
// day, and are compared with the wall clock.

// wall returns the time of day at a reading of the node's clock.
func (s *Server) wall(now time.Time) time.Time {
	if s.options.Wall != nil {
		return s.options.Wall()
	}
	return now
}

// wall returns the time of day of the current turn or read.
func (sh *shard) wall() time.Time { return sh.server.wall(sh.now()) }

// watchWall has every reactor review its sessions' tokens after the wall clock has got ahead of the monotonic one by a
// wallJump: the host was suspended, or its clock was set. The ticker calls it.
func (s *Server) watchWall(now time.Time) {
	// Without its monotonic reading, a time is compared by the wall clock.
	lead := s.wall(now).Round(0).Sub(s.started.Round(0)) - now.Sub(s.started)
	switch {
	case lead < s.wallLead: // set back: the next jump is counted from there
		s.wallLead = lead
	case lead >= s.wallLead+wallJump:
		s.options.Log.Warn("the wall clock is ahead: the host was suspended, or its clock was set; connections whose tokens have expired are closed",
			"seconds", (lead - s.wallLead).Seconds())
		s.wallLead = lead
		s.group.PostAll(netpoll.Post{Op: opWall}, nil)
	}
}

// reviewTokens has the heartbeat look at once at sessions whose tokens end before it would look by itself.
func (sh *shard) reviewTokens() {
	sh.startWalk(func(s *session) (cost int) {
		soon := int32(ticks(sh.rules.HeartbeatInterval))
		if s.state == stateLive && sh.tokenLeft(s)-int32(s.warning) < soon {
			s.conn.SetDeadline(1)
		}
		return 0
	}, func() {})
}
