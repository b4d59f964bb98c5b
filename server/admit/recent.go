package admit

import (
	"hash/maphash"
	"sync/atomic"
)

// Recent remembers tokens that were admitted lately, as hashes in a table of fixed size; a newer one may take an older
// one's place. No client can make others pass for returning ones: the hash is keyed, and taken only of tokens that are
// valid. Any goroutine may use it. A nil Recent remembers nothing.
type Recent struct {
	seed  maphash.Seed
	table []atomic.Uint64
}

// NewRecent makes room for about so many tokens, at most MaxRecent.
func NewRecent(tokens int) *Recent {
	size := 1
	for size < min(tokens, MaxRecent) {
		size *= 2
	}
	return &Recent{maphash.MakeSeed(), make([]atomic.Uint64, size)}
}

func (r *Recent) place(token []byte) (*atomic.Uint64, uint64) {
	sum := maphash.Bytes(r.seed, token)
	return &r.table[sum&uint64(len(r.table)-1)], sum
}

// Add remembers a token.
func (r *Recent) Add(token []byte) {
	if r == nil {
		return
	}
	at, sum := r.place(token)
	at.Store(sum)
}

// Kind says whether the token was admitted lately.
func (r *Recent) Kind(token []byte) Kind {
	if r == nil {
		return New
	}
	if at, sum := r.place(token); at.Load() == sum {
		return Returning
	}
	return New
}
