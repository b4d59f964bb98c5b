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

// Sum returns the hash that stands for a token; 0 without a token, and of a nil Recent. No other token has the same, but for
// an accident.
func (r *Recent) Sum(token []byte) uint64 {
	if r == nil || len(token) == 0 {
		return 0
	}
	return max(1, maphash.Bytes(r.seed, token))
}

func (r *Recent) place(sum uint64) *atomic.Uint64 { return &r.table[sum&uint64(len(r.table)-1)] }

// Add remembers a token by its Sum.
func (r *Recent) Add(sum uint64) {
	if r != nil && sum != 0 {
		r.place(sum).Store(sum)
	}
}

// Kind reports whether the token with that Sum was admitted not long ago.
func (r *Recent) Kind(sum uint64) Kind {
	if r != nil && sum != 0 && r.place(sum).Load() == sum {
		return Returning
	}
	return New
}
