package topics

import (
	"encoding/binary"
	"math/bits"
)

// Any odd numbers with as many ones as zeros would do.
const (
	spreadName = 0x9e3779b97f4a7c15
	spreadKey  = 0xd1b54a32d192ed03
)

// spread returns a hash of a name. hash/maphash would do, but its keys differ in every process: a topic's first number depends
// on the earlier topics under the same lock, and a simulation has to be repeatable.
func spread(key uint64, name []byte) uint64 {
	h, length := key, uint64(len(name))
	for ; len(name) >= 8; name = name[8:] {
		h = mix(h^binary.LittleEndian.Uint64(name), key)
	}
	var last [8]byte
	copy(last[:], name)
	return mix(h^binary.LittleEndian.Uint64(last[:]), key^length)
}

func mix(h, key uint64) uint64 {
	high, low := bits.Mul64(h^spreadName, key^spreadKey)
	return high ^ low
}
