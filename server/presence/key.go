package presence

import (
	"cmp"
	"encoding/binary"

	"github.com/google/uuid"
)

// key is an id as two numbers, which compare faster than bytes.
type key struct{ high, low uint64 }

func keyOf(id *uuid.UUID) key {
	return key{binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])}
}

// Compare returns the order of two ids.
func (k key) Compare(other key) int {
	if k.high != other.high {
		return cmp.Compare(k.high, other.high)
	}
	return cmp.Compare(k.low, other.low)
}

// Key returns the user's place in the order of users.
func (u *User) Key() key { return keyOf(&u.ID) }
