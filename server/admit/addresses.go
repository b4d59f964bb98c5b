package admit

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"sync/atomic"
)

// Network is the unit in which sockets are counted: an IPv4 address, or an IPv6 /64. A host or a household gets a /64 and may
// use any address in it. 0 is no network.
type Network uint64

// NetworkOf returns the network of an address. IPv4 is mapped to 0:1::/32, which is not assigned. ::/64, which contains ::1,
// is mapped to the next /64, which is not assigned either.
func NetworkOf(a netip.Addr) Network {
	switch a = a.Unmap(); {
	case a.Is4():
		four := a.As4()
		return 1<<32 | Network(binary.BigEndian.Uint32(four[:]))
	case a.Is6():
		sixteen := a.As16()
		return max(1, Network(binary.BigEndian.Uint64(sixteen[:])))
	}
	return 0
}

// String returns the address, or of IPv6 the /64.
func (n Network) String() string {
	var b [16]byte
	if n>>32 == 1 {
		binary.BigEndian.PutUint32(b[:], uint32(n))
		return netip.AddrFrom4([4]byte(b[:4])).String()
	}
	binary.BigEndian.PutUint64(b[:], uint64(n))
	return netip.PrefixFrom(netip.AddrFrom16(b), 64).String()
}

// addressShards spreads networks over locks, as the hub does users. It is a power of two, for the shift.
const (
	addressShardBits = 6
	addressShards    = 1 << addressShardBits
)

// Addresses counts the open sockets of each network, from when its client's address is known until it has closed. Any
// goroutine may use it. A network without a socket takes no memory, and a socket no more than the eight bytes of a Network.
type Addresses struct {
	limit  atomic.Uint32 // sockets a network may hold; 0: no limit, and nothing is counted
	handed atomic.Int64  // those of them that the sidecar has
	shards [addressShards]addressShard
}

type addressShard struct {
	mu       sync.Mutex
	networks map[Network]sockets
}

// sockets are those that a network holds, and those above its limit that are open only to be refused.
type sockets struct{ held, refused uint32 }

// NewAddresses makes one that counts nothing yet.
func NewAddresses() *Addresses {
	a := new(Addresses)
	for i := range a.shards {
		a.shards[i].networks = make(map[Network]sockets)
	}
	return a
}

// of returns the network's shard. The multiplication spreads neighbouring addresses, because many clients are in one block.
func (a *Addresses) of(n Network) *addressShard {
	return &a.shards[uint64(n)*0x9e3779b97f4a7c15>>(64-addressShardBits)]
}

// Entry is the result of counting a socket.
type Entry uint8

// The entries.
const (
	Held    Entry = iota // within the limit
	Crowded              // above the limit; it is counted apart, and may stay until it is refused
	Turned               // too many of those, too: it is not counted, and must be closed at once
)

// Enter counts a socket, unless too many are there.
func (a *Addresses) Enter(n Network) Entry {
	shard, limit := a.of(n), a.limit.Load()
	shard.mu.Lock()
	defer shard.mu.Unlock()
	s := shard.networks[n]
	switch {
	case s.held < limit || limit == 0: // the limit was just lifted
		s.held++
		shard.networks[n] = s
		return Held
	case s.refused < RefusedAtOnce:
		s.refused++
		shard.networks[n] = s
		return Crowded
	}
	return Turned
}

// Leave removes a socket from the count of its network; crowded is whether Enter returned Crowded.
func (a *Addresses) Leave(n Network, crowded bool) {
	shard := a.of(n)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	s := shard.networks[n]
	if crowded {
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

// HandOver notes that a socket now belongs to the sidecar. It goes on counting.
func (a *Addresses) HandOver(n Network) {
	if n != 0 {
		a.handed.Add(1)
	}
}

// LeaveHandedOver removes a socket that the sidecar has closed.
func (a *Addresses) LeaveHandedOver(n Network) {
	if n != 0 {
		a.handed.Add(-1)
		a.Leave(n, false)
	}
}

// HandedOver returns how many of the counted sockets belong to the sidecar.
func (a *Addresses) HandedOver() int { return int(a.handed.Load()) }

// SetLimit sets how many sockets a network may hold; 0 is no limit, and nothing more is counted.
func (a *Addresses) SetLimit(sockets int) { a.limit.Store(uint32(sockets)) }

// Counting says whether there is a limit.
func (a *Addresses) Counting() bool { return a.limit.Load() != 0 }

// Count returns how many sockets are counted.
func (a *Addresses) Count() (n int) {
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
