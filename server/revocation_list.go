package server

import "momentum/server/auth"

// Revocation is one row of GET /ws/bans and /ws/revocations.
type Revocation = auth.Revocation

// Bans returns how many users this node has banned, and up to limit of the bans, in the order of the users' ids, from the first one
// after a name.
func (n *node) Bans(after string, limit int) (count int, rows []Revocation) {
	return n.revocations.Bans(n.options.Now().Unix(), after, limit)
}

// Revocations is Bans for the other revocations.
func (n *node) Revocations(after string, limit int) (count int, rows []Revocation) {
	return n.revocations.Listed(n.options.Now().Unix(), after, limit)
}

// Lift ends a ban or another revocation on this node, and returns when it would have ended by itself; 0: it was not in force.
func (n *node) Lift(one Revocation) (until int64) {
	until = n.revocations.Until(one)
	if n.lift(one) == 0 {
		return 0
	}
	return until
}
