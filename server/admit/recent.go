package admit

import (
	"hash/maphash"
	"sync/atomic"
)

// Recent remembers recently admitted tokens, as hashes in a table of fixed size; a newer one may replace an older
// one. No client can make another one seem to return: the hash is keyed, and only valid tokens are added. Any
// goroutine may use it. A nil Recent remembers nothing.
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

// Kind reports whether the token was admitted not long ago.
func (r *Recent) Kind(token []byte) Kind {
	if r == nil {
		return New
	}
	if at, sum := r.place(token); at.Load() == sum {
		return Returning
	}
	return New
}
