package main

import (
	"io/fs"
	"math"
	"runtime/debug"

	"momentum/server/host"
)

// heldShare is the part of the available memory for unread messages and unfinished messages of all clients: a
// quarter. A megabyte of these takes two and a half of memory, as measured: blocks grow by doubling, and garbage is
// collected late. The rest is for sessions and for the kernel's buffers of the same sockets, which a control group
// counts too. It is not a setting: a lower GOMEMLIMIT lowers it.
const heldShare = 4

// heldBytes returns how much memory may be held for clients, or 0 for no limit if the available memory is unknown.
func heldBytes(files fs.FS) int64 {
	memory := memoryThere(files)
	if memory == math.MaxInt64 {
		return 0
	}
	return max(1, memory/heldShare)
}

// historyShare is the part of the memory that the direct messages which are kept may take, as 1/historyShare; topics get as
// much. historyUnknown is used if the memory is unknown.
const (
	historyShare   = 16
	historyUnknown = 256 << 20
)

// historyRoom returns how much memory the direct messages which are kept may take.
func historyRoom(files fs.FS) int {
	memory := memoryThere(files)
	if memory == math.MaxInt64 {
		return historyUnknown
	}
	return int(memory / historyShare)
}

// subscriptionsPerGiB is how many subscriptions to topics there may be for each GiB of memory: some 32 MB of it, and the
// messages that wait for them.
const subscriptionsPerGiB = 1_000_000

// subscriptionRoom returns how many subscriptions there may be, or 0 for no limit if the available memory is unknown.
func subscriptionRoom(files fs.FS) int {
	memory := memoryThere(files)
	if memory == math.MaxInt64 {
		return 0
	}
	return int(max(1, memory/(1<<30)*subscriptionsPerGiB+memory%(1<<30)*subscriptionsPerGiB/(1<<30)))
}

// memoryThere returns the memory available to this process: the least of GOMEMLIMIT, its control groups and the host.
func memoryThere(files fs.FS) int64 {
	memory := min(debug.SetMemoryLimit(-1), host.TotalMemory(files))
	for _, g := range host.Groups(files, "self") {
		memory = min(memory, g.Limit)
	}
	return memory
}
