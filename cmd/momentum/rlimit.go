package main

import (
	"fmt"

	"golang.org/x/sys/unix"

	"momentum/internal/config"
)

const (
	// reservedDescriptors are kept for what is no WebSocket connection: 32 that are being turned away, 32
	// plain HTTP requests on their port, 16 on the admin port, and 16 for the process itself.
	reservedDescriptors = 96

	// reactorDescriptors are what one event loop opens: epoll, event, listener, and both ends of two bells,
	// with some to spare: an accept beyond the cap, and a hand-over that is refused, hold one or two for a moment.
	reactorDescriptors = 10

	// unlimitedDescriptors stands for a host that sets no limit. Linux lets no process have more.
	unlimitedDescriptors = 1 << 30
)

// raiseDescriptorLimit lifts the soft limit on open files to the hard one and returns it. Each connection
// takes a descriptor, and the soft limit is made for programs that select(2) over a thousand.
func raiseDescriptorLimit() (int, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("cannot read the descriptor limit: %w", err)
	}
	if limit.Cur < limit.Max {
		limit.Cur = limit.Max
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			return 0, fmt.Errorf("cannot raise the descriptor limit to %d: %w", limit.Max, err)
		}
	}
	return int(min(limit.Cur, unlimitedDescriptors)), nil
}

// socketRoom returns how many sockets so many descriptors and reactors leave room for: running out of them
// would end the node. It can be below 1; then there is no room at all.
func socketRoom(descriptors, reactors int) int {
	return min(descriptors-reservedDescriptors-reactors*reactorDescriptors, config.HighestConnections)
}

// connectionCap returns how many connections the server takes: what was asked for, or less when there is no
// room for so many.
func connectionCap(c *config.Config, descriptors, reactors int) int {
	room := socketRoom(descriptors, reactors)
	if c.MaxConnections == 0 {
		return room
	}
	return min(c.MaxConnections, room)
}
