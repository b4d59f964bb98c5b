package presence

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"
)

// versions make ids as they are made in the world: each kind has other bytes that differ.
var versions = map[string]func(i int) uuid.UUID{
	"counter": func(i int) uuid.UUID { return id(i + 1) },
	"high counter": func(i int) (u uuid.UUID) {
		binary.BigEndian.PutUint32(u[:4], uint32(i+1))
		return u
	},
	"time first": func(i int) (u uuid.UUID) { // version 1: 100 ns since 1582, and a node that is the same for all
		binary.BigEndian.PutUint32(u[:4], uint32(i)*9973)
		copy(u[4:], "\x12\x34\x11\xee\x80\x00\xaa\xbb\xcc\xdd\xee\xff")
		return u
	},
	"time in order": func(i int) (u uuid.UUID) { // version 7: milliseconds since 1970, and random bits
		binary.BigEndian.PutUint64(u[:8], (1_700_000_000_000+uint64(i)*3)<<16|0x7000)
		binary.BigEndian.PutUint64(u[8:], rand.New(rand.NewPCG(uint64(i), 7)).Uint64())
		return u
	},
	"random": func(i int) (u uuid.UUID) {
		random := rand.New(rand.NewPCG(uint64(i), 4))
		binary.BigEndian.PutUint64(u[:8], random.Uint64())
		binary.BigEndian.PutUint64(u[8:], random.Uint64())
		return u
	},
}

// TestKeysAreInTheOrderOfIDs compares keys with the bytes of their ids.
func TestKeysAreInTheOrderOfIDs(t *testing.T) {
	for name, idOf := range versions {
		for i := range 100 {
			a, b := idOf(i), idOf(i*37%100)
			if got, want := keyOf(&a).Compare(keyOf(&b)), bytes.Compare(a[:], b[:]); got != want {
				t.Errorf("%s: %v to %v is %d, want %d", name, a, b, got, want)
			}
		}
	}
}
