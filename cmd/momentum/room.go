package main

import (
	"fmt"
	"io/fs"
	"math"
	"runtime"
	"runtime/debug"

	"momentum/internal/config"
	"momentum/internal/doctor"
)

// limitsOf lists the limits on the connections of a node that starts here, the lowest first.
func limitsOf(c *config.Config, descriptors int, files fs.FS) []doctor.Limit {
	n := nodeFacts(c, "self", files)
	f := doctor.FactsOf(files, n)
	f.Descriptors, f.DescriptorRoom = descriptors, n.Room(descriptors)
	return doctor.Predict(f).Limits
}

// nodeFacts returns the settings of a node, for the doctor. The memory limit of Go is that of the process.
func nodeFacts(c *config.Config, process string, files fs.FS) *doctor.Node {
	n := &doctor.Node{
		Process: process, Port: c.ListenPort(), Reactors: c.Reactors, Cores: runtime.GOMAXPROCS(0), MaxConnections: c.MaxConnections, HandshakeRate: c.HandshakeRate,
		PoolSize: c.DBPoolSize, Countable: config.HighestConnections, Heartbeat: c.HeartbeatInterval, Proxies: c.Proxies(), Goal: c.MaxConnections,
	}
	if n.Reactors == 0 {
		n.Reactors = n.Cores
	}
	n.Room = func(descriptors int) int { return descriptors - reserved(descriptors, n.Reactors) }
	if process != "self" {
		limit, known := doctor.GoMemoryOf(files, process)
		n.GoMemory, n.GoMemoryHidden = limit, !known
	} else if memory := debug.SetMemoryLimit(-1); memory < math.MaxInt64 {
		n.GoMemory = memory
	}
	return n
}

// noRoom returns an error if a node could accept no connection at all.
func noRoom(descriptors, reactors int) error {
	return wrongSettings(fmt.Errorf("the descriptor limit of %d leaves no room for a connection: raise it (ulimit -n, or LimitNOFILE in the systemd unit) above %d",
		descriptors, reserved(descriptors, reactors)))
}
