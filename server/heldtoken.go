package server

import (
	"math"
	"time"

	"momentum/netpoll"
	"momentum/server/auth"
)

// heldToken is the part of a token that its session keeps.
//
// A token covers a session as long as a handshake with it would be accepted: until its exp plus the leeway. That end
// is kept by two clocks, and the first to reach it counts. Ticks continue if the wall clock is set back; the wall
// clock continues while the host is suspended.
type heldToken struct {
	tokenEntry
	topics  *auth.Topics // of its claim; nil: it has none
	issued  uint32       // iat, in seconds since 1970; 0 if the token has none
	endTick uint32
	endTime uint32 // in seconds since 1970
	warning uint16 // ticks before the end at which the client is warned; 0: it has been

	refreshing bool // a new token is being checked
}

// holdToken returns the part that a session keeps of a token with these claims and this hash of its jti, from now on.
func holdToken(c *auth.Claims, hash uint64, tick uint32, wall time.Time) heldToken {
	end := time.Unix(c.ExpiresAt, 0).Add(auth.Leeway)
	life := uint32(min(longestLife, max(0, int64(end.Sub(wall)/netpoll.TickLength))))
	return heldToken{
		tokenEntry: tokenEntry{hash: hash},
		topics:     c.Topics,
		issued:     uint32(min(c.IssuedAt, math.MaxUint32)),
		endTick:    tick + life,
		endTime:    uint32(min(end.Unix(), math.MaxUint32)),
		warning:    uint16(min(ticks(expiryWarning), life/2)),
	}
}

// left returns for how many ticks the token still covers the session. It is negative once that is over.
func (t *heldToken) left(tick uint32, wall time.Time) int32 {
	byTicks := int64(int32(t.endTick - tick))
	byWall := int64(time.Unix(int64(t.endTime), 0).Sub(wall) / netpoll.TickLength)
	return int32(max(-longestLife, min(byTicks, byWall)))
}

// extension returns for how many ticks a session outlives its token: while a new token is being checked, as long as
// that check may take. Further refreshes do not extend it.
func (t *heldToken) extension() int32 {
	if !t.refreshing {
		return 0
	}
	return int32(ticks(maxTokenCheckWait))
}
