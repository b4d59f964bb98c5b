package server

import (
	"momentum/netpoll"
	"momentum/server/cluster"
)

// waitsForBus reports whether a handshake has to wait until this node is in its user's channel, and has all messages that the client
// may have missed. The handshake is decided again after that.
func (a *admissions) waitsForBus(h *handshake) bool {
	r := a.node.relay
	if r == nil || h.gone || h.refusal.Status != 0 || !r.worthWaiting(int(h.position.waits)) {
		return false
	}
	h.position.waits++
	return r.arrive(h.claims.UserID, a.lastOf(h), netpoll.Post{Op: opDecide, To: h.handle, Ref: h})
}

// completeChannel has this node join the channel of a user that has just connected, if the node is not in it: the handshake has not waited
// for the bus, or the node has left the channel between the wait and the connection.
func (a *admissions) completeChannel(h *handshake) {
	if a.node.relay != nil {
		a.node.relay.review(cluster.DirectOf(h.claims.UserID))
	}
}

// lastOf returns the numbers that a client has had, if it asks to resume in the present epoch.
func (a *admissions) lastOf(h *handshake) (l lastNumbers) {
	p := &h.position
	if !p.asked || !p.resumed() {
		return l
	}
	all, own := a.node.relay.epochOf(cluster.Channel{}), a.node.relay.epochOf(cluster.DirectOf(h.claims.UserID))
	if string(p.epoch.text()) == all.String()+own.String() {
		l = lastNumbers{asked: true, read: &p.read, broadcast: p.broadcast, direct: p.direct}
	}
	return l
}

// releaseChannel has this node leave the channel of a user whose handshake waited for the bus and was refused.
func (a *admissions) releaseChannel(h *handshake) {
	if h.position.waits > 0 {
		a.node.relay.review(cluster.DirectOf(h.claims.UserID))
	}
}
