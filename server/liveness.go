package server

import (
	"time"

	"momentum/netpoll"
	"momentum/server/reason"
)

const noTick uint32 = 0 // no ping is outstanding

// liveness is a session's evidence that its client is still there.
type liveness struct {
	seen   uint32         // tick of the last frame; before the first, of the accept
	pinged uint32         // tick of a ping that nothing has come back for yet, or noTick
	asked  netpoll.Moment // when it was accepted; later, when the last ping was sent; 0 after its pong
	trip   uint32         // from the last ping to its pong, in microseconds; 0: not measured
}

// frame records that a frame has arrived, which also answers a ping of ours.
func (l *liveness) frame(now uint32) { l.seen, l.pinged = now, noTick }

// answer returns the time since the accept or the last ping, once for each; ok is false after that.
func (l *liveness) answer(now netpoll.Moment) (took time.Duration, ok bool) {
	if l.asked == 0 {
		return 0, false
	}
	took = now.Since(l.asked)
	l.asked = 0
	return took, true
}

// overdue says which limit on silence the client has exceeded at a tick, or reason.None.
func (l *liveness) overdue(now uint32, r *Rules) reason.Reason {
	switch {
	case l.pinged != noTick && int32(now-l.pinged) >= int32(ticks(r.HeartbeatTimeout)):
		return reason.ClosedHeartbeat
	case int32(now-l.seen) >= int32(ticks(r.ConnectionTimeout)):
		return reason.ClosedIdle
	}
	return reason.None
}
