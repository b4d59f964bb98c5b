package main

import (
	"fmt"

	"golang.org/x/sys/unix"

	"momentum/internal/config"
)

const (
	// reservedDescriptors are kept for everything except WebSocket connections: 32 connections that are being refused,
	// 32 plain HTTP requests on their port, 16 on the admin port, and 16 for the process itself.
	reservedDescriptors = 96

	// reactorDescriptors is the number that one event loop opens: epoll, event, listener, alarm, and both ends of two
	// doorbells, with two to spare: an accept above the limit, and a refused hand-over, hold one or two for a moment.
	reactorDescriptors = 10

	// maxViewers limits the viewers of GET /ws/stream: they take a hundredth of a core (server/admin, BenchmarkViewers). A viewer has a
	// descriptor for each 256 of the process, so that they take none from clients of a small node.
	maxViewers           = 1000
	leastViewers         = 4
	descriptorsPerViewer = 256

	// unlimitedDescriptors is the limit on a host that sets none. Linux lets no process have more.
	unlimitedDescriptors = 1 << 30
)

// raiseDescriptorLimit raises the soft limit on open files to the hard one and returns it. Each connection takes a
// descriptor, and the soft limit is low because select(2) fails with descriptors above a thousand.
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

// viewerRoom returns how many viewers of GET /ws/stream the admin port takes beside its other connections. With few descriptors
// it takes few: clients come first.
func viewerRoom(descriptors int) int {
	return min(max(leastViewers, descriptors/descriptorsPerViewer), maxViewers)
}

// reserved returns how many descriptors are no client's.
func reserved(descriptors, reactors int) int {
	return reservedDescriptors + viewerRoom(descriptors) + reactors*reactorDescriptors
}

// socketRoom returns how many sockets the descriptors leave room for with this number of reactors: running out of them
// would end the node. It can be below 1; then there is no room at all.
func socketRoom(descriptors, reactors int) int {
	return min(descriptors-reserved(descriptors, reactors), config.HighestConnections)
}

// connectionCap returns the connection limit of the server: the one asked for, or less if there is not enough room.
func connectionCap(c *config.Config, descriptors, reactors int) int {
	room := socketRoom(descriptors, reactors)
	if c.MaxConnections == 0 {
		return room
	}
	return min(c.MaxConnections, room)
}
