package server

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"sync/atomic"
)

// network is the unit in which sockets are counted: an IPv4 address, or an IPv6 /64. A host or a household gets a /64 and may
// use any address in it. 0 is no network.
type network uint64

// networkOf returns the network of an address. IPv4 is mapped to 0:1::/32, which is not assigned. ::/64, which contains ::1,
// is mapped to the next /64, which is not assigned either.
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

// addresses counts the open sockets of each network, from when their client is known until they have closed. Any reactor may
// call it. A network without a socket takes no memory, and a socket only the eight bytes in its session.
type addresses struct {
	most   atomic.Uint32 // sockets that a network may hold; 0: no limit, and none are counted
	handed atomic.Int64  // those of them that the sidecar has
	shards [addressShards]addressShard
}

type addressShard struct {
	mu       sync.Mutex
	networks map[network]sockets
}

// sockets are those that a network holds, and those above its limit that are open only to be refused.
type sockets struct{ held, refused uint32 }

func newAddresses() *addresses {
	a := new(addresses)
	for i := range a.shards {
		a.shards[i].networks = make(map[network]sockets)
	}
	return a
}

// of returns the network's shard. The multiplication spreads neighbouring addresses, because many clients are in one block.
func (a *addresses) of(n network) *addressShard {
	return &a.shards[uint64(n)*0x9e3779b97f4a7c15>>(64-addressShardBits)]
}

// entry is the result of counting a socket.
type entry uint8

const (
	entryHeld    entry = iota // within the limit
	entryRefused              // above the limit; it may stay to be told
	entryTurned               // too many of those, too: it is not counted and must close at once
)

// enter counts a socket, unless there are too many.
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

// leave removes a socket from the count of its network.
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

// handOver records that the sidecar has a socket of the network. The socket still counts.
func (a *addresses) handOver(n network) {
	if n != 0 {
		a.handed.Add(1)
	}
}

// leaveHandedOver removes a socket that the sidecar has closed from the count.
func (a *addresses) leaveHandedOver(n network) {
	if n != 0 {
		a.handed.Add(-1)
		a.leave(n, false)
	}
}

// count returns the number of sockets that are counted.
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
