package server

// tokenIndex finds the sessions of one token by the keyed hash of its jti. Without it, a revocation would have to look
// at every session of the reactor.
//
// The entries of one token form a ring, linked by the slots of their sessions; the map has one slot of each ring. Its
// keys are half of the hash, which halves its size: in a million tokens some hundred pairs share a key, and with it a
// ring. A token takes 10 to 20 bytes of the map, and a session 8 for the links (BenchmarkTokenIndex).
type tokenIndex struct {
	entry func(slot uint32) *tokenEntry // of the session at that slot
	rings map[uint32]uint32             // a slot, by the lower half of the hash
}

// tokenEntry is a session's place in the index.
type tokenEntry struct {
	hash       uint64 // or noToken: it is not in the index
	next, prev uint32 // slots of its ring
}

// noToken is the hash of a token without a jti.
const noToken uint64 = 0

func newTokenIndex(entry func(slot uint32) *tokenEntry) tokenIndex {
	return tokenIndex{entry: entry, rings: make(map[uint32]uint32)}
}

// add adds the entry at a slot, unless its token has no jti.
func (x *tokenIndex) add(slot uint32) {
	e := x.entry(slot)
	if e.hash == noToken {
		return
	}
	first, exists := x.rings[uint32(e.hash)]
	if !exists {
		e.next, e.prev = slot, slot
		x.rings[uint32(e.hash)] = slot
		return
	}
	next := x.entry(first)
	prev := x.entry(next.prev)
	e.next, e.prev = first, next.prev
	next.prev, prev.next = slot, slot
}

// remove removes the entry at a slot, which was added.
func (x *tokenIndex) remove(slot uint32) {
	e := x.entry(slot)
	if e.hash == noToken {
		return
	}
	x.entry(e.prev).next = e.next
	x.entry(e.next).prev = e.prev
	switch {
	case e.next == slot:
		delete(x.rings, uint32(e.hash))
	case x.rings[uint32(e.hash)] == slot:
		x.rings[uint32(e.hash)] = e.next
	}
}

// find returns the slot of a session of the token, if there is one.
func (x *tokenIndex) find(hash uint64) (slot uint32, found bool) {
	first, exists := x.rings[uint32(hash)]
	if !exists {
		return 0, false
	}
	for slot = first; ; {
		e := x.entry(slot)
		if e.hash == hash {
			return slot, true
		}
		if slot = e.next; slot == first {
			return 0, false
		}
	}
}
