package server

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"sync/atomic"
)

// network is what one client has of the address space, and what is counted: an IPv4 address or an IPv6 /64, which
// is what a host or a household gets, and within which it may call itself anything. 0 is nobody.
type network uint64

// networkOf packs an address. IPv4 takes the place of 0:1::/32, which is nobody's; so is the second of all /64,
// which stands for the first, in which ::1 is.
func networkOf(a netip.Addr) network {
	switch a = a.Unmap(); {
	case a.Is4():
		four := a.As4()
		return 1<<32 | network(binary.BigEndian.Uint32(four[:]))
	case a.Is6():
		sixteen := a.As16()
		return max(1, network(binary.BigEndian.Uint64(sixteen[:])))
	}
	return 0
}

// addressShards spreads networks over locks, as hubShards does users. It is a power of two, for the shift.
const (
	addressShardBits = 6
	addressShards    = 1 << addressShardBits
)

// addresses counts the open sockets of each network, from when it is known whose they are until they have
// closed. Any reactor may ask it. A network without a socket takes no memory, and a socket no more than its
// session's eight bytes.
type addresses struct {
	most   atomic.Uint32 // sockets a network may hold; 0: no limit, and nothing is counted
	handed atomic.Int64  // those of them that the sidecar has
	shards [addressShards]addressShard
}

type addressShard struct {
	mu       sync.Mutex
	networks map[network]sockets
}

// sockets are a network's: those it holds, and those that are only open to read that they are too many.
type sockets struct{ held, refused uint32 }

func newAddresses() *addresses {
	a := new(addresses)
	for i := range a.shards {
		a.shards[i].networks = make(map[network]sockets)
	}
	return a
}

// of returns the network's shard. Neighbours are multiplied apart, for many come from one block.
func (a *addresses) of(n network) *addressShard {
	return &a.shards[uint64(n)*0x9e3779b97f4a7c15>>(64-addressShardBits)]
}

// entry is what became of a socket that came from a network.
type entry uint8

const (
	entryHeld    entry = iota // welcome
	entryRefused              // one too many; it may stay to read so
	entryTurned               // too many of those, too: it is not counted, and must go at once
)

// enter counts a socket, unless too many are there.
func (a *addresses) enter(n network) entry {
	shard, most := a.of(n), a.most.Load()
	shard.mu.Lock()
	defer shard.mu.Unlock()
	s := shard.networks[n]
	switch {
	case s.held < most || most == 0: // the limit was just lifted
		s.held++
		shard.networks[n] = s
		return entryHeld
	case s.refused < refusedAtOnce:
		s.refused++
		shard.networks[n] = s
		return entryRefused
	}
	return entryTurned
}

// leave takes a socket that was counted off again.
func (a *addresses) leave(n network, refused bool) {
	shard := a.of(n)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	s := shard.networks[n]
	if refused {
		s.refused--
	} else {
		s.held--
	}
	if s == (sockets{}) {
		delete(shard.networks, n)
		return
	}
	shard.networks[n] = s
}

// handOver notes that the sidecar has a socket of the network, which goes on counting.
func (a *addresses) handOver(n network) {
	if n != 0 {
		a.handed.Add(1)
	}
}

// leaveHandedOver takes a socket off that the sidecar has closed.
func (a *addresses) leaveHandedOver(n network) {
	if n != 0 {
		a.handed.Add(-1)
		a.leave(n, false)
	}
}

// count returns how many sockets are counted.
func (a *addresses) count() (n int) {
	for i := range a.shards {
		s := &a.shards[i]
		s.mu.Lock()
		for _, of := range s.networks {
			n += int(of.held + of.refused)
		}
		s.mu.Unlock()
	}
	return n
}
