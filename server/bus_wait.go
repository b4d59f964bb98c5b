package server

import (
	"bytes"

	"momentum/netpoll"
	"momentum/server/cluster"
)

// waitsForBus reports whether a handshake has to wait until this node is in its user's channel, and has all messages that the client
// may have missed. It is then decided again.
func (a *admissions) waitsForBus(h *handshake) bool {
	r := a.node.relay
	if r == nil || h.gone || h.refusal.Status != 0 || h.position.waits == mostBusWaits {
		return false
	}
	h.position.waits++
	return r.arrive(h.claims.UserID, a.lastOf(h), netpoll.Post{Op: opDecide, To: h.handle, Ref: h})
}

// lastOf returns the numbers that a client has had, if it asks to resume in the present epoch. What the node lacks of the broadcast is
// asked for before the first wait, and of the user's channel before the first or the second: what is lacking after that is lost.
func (a *admissions) lastOf(h *handshake) (l lastNumbers) {
	p := &h.position
	if !p.asked || !p.resumed() || p.waits == mostBusWaits {
		return l
	}
	own := a.node.relay.epochOf(cluster.DirectOf(h.claims.UserID))
	if rest, ok := bytes.CutPrefix(p.epoch.text(), a.broadcastEpoch()); ok && string(rest) == own.String() {
		l = lastNumbers{asked: true, broadcast: p.broadcast, direct: p.direct}
	}
	if p.waits > 1 {
		l.broadcast = 0
	}
	return l
}

// releaseChannel has this node leave the channel of a user that does not connect after all.
func (a *admissions) releaseChannel(h *handshake) {
	if h.position.waits > 0 {
		a.node.relay.release(cluster.DirectOf(h.claims.UserID))
	}
}
