package main

import (
	"fmt"
	"io/fs"
	"math"
	"slices"

	"momentum/internal/config"
)

// idleBytes is the host memory of an idle connection: 0.7 KB of the process and 5 KB of the kernel, as measured in
// docs/OPERATIONS.md.
const idleBytes = 6 << 10

// limit is one of the resources that limit a node's connections.
type limit struct {
	What        string `json:"what"`
	Connections int    `json:"connections"`
	advice      string // how to raise it
}

// limitsOf lists the limits on the connections of a node, the lowest first.
func limitsOf(c *config.Config, descriptors, reactors int, host fs.FS) []limit {
	all := []limit{
		{fmt.Sprintf("the descriptor limit of %d", descriptors), max(0, descriptors-reserved(descriptors, reactors)),
			"raise it (ulimit -n, or LimitNOFILE in the systemd unit)"},
		{"the most that one node can count", config.HighestConnections, "run another node"},
	}
	if c.MaxConnections > 0 {
		all = append(all, limit{"WS_MAX_CONNECTIONS (--max-connections)", c.MaxConnections, "raise it"})
	}
	if memory := memoryThere(host); memory < math.MaxInt64 {
		all = append(all, limit{fmt.Sprintf("memory: %d MiB for idle connections of %d KiB", memory>>20, idleBytes>>10), int(memory / idleBytes),
			"give it more, or set WS_MAX_CONNECTIONS (--max-connections)"})
	}
	slices.SortStableFunc(all, func(a, b limit) int { return a.Connections - b.Connections })
	return all
}

// noRoom returns an error if a node could accept no connection at all.
func noRoom(descriptors, reactors int) error {
	return wrongSettings(fmt.Errorf("the descriptor limit of %d leaves no room for a connection: raise it (ulimit -n, or LimitNOFILE in the systemd unit) above %d",
		descriptors, reserved(descriptors, reactors)))
}
