package netpoll

import "fmt"

// Handle names a connection from any goroutine: its reactor, its slot there, and the slot's generation, so that a
// handle that is kept after its connection has ended names no connection, instead of another one. The zero Handle names
// no connection.
type Handle uint64

// 8 bits of reactor, 24 of slot, 32 of generation. A generation counts from 1, so no handle is zero.
const (
	slotBits = 24
	genBits  = 32
	maxSlots = 1 << slotBits
)

func newHandle(reactor int, slot, gen uint32) Handle {
	return Handle(uint64(reactor)<<(slotBits+genBits) | uint64(slot)<<genBits | uint64(gen))
}

// Reactor returns the number of the reactor that owns the connection.
func (h Handle) Reactor() int { return int(h >> (slotBits + genBits)) }

func (h Handle) slot() uint32 { return uint32(h>>genBits) & (maxSlots - 1) }

func (h Handle) gen() uint32 { return uint32(h) }

// String shows the handle as reactor/slot.generation, for logs.
func (h Handle) String() string { return fmt.Sprintf("%d/%d.%d", h.Reactor(), h.slot(), h.gen()) }
