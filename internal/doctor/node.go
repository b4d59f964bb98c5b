package doctor

import (
	"io/fs"
	"net/netip"
	"os"
	"path"
	"time"

	"momentum/server/host"
)

// Node has the settings of a node.
type Node struct {
	Process        string // its number, or self: the limits of this process, which a node started from here would inherit
	Port           int
	Reactors       int
	Cores          int
	MaxConnections int
	HandshakeRate  int
	PoolSize       int
	Nodes          int  // that share the database
	Countable      int  // the most that one node can count
	GoMemoryHidden bool // the environment of the process cannot be read
	GoMemory       int64
	Heartbeat      time.Duration // time after which a quiet connection is pinged
	Proxies        []netip.Prefix
	// Room returns how many connections a number of descriptors leaves room for.
	Room func(descriptors int) int
	// Goal is how many connections the operator wants; 0: as many as there is room for.
	Goal int
	// Cost is the processor time of a handshake that a running node has measured; 0: none has.
	Cost time.Duration
}

// FactsOf returns the facts for a prediction: the settings of a node, and the files of its host.
func FactsOf(files fs.FS, n *Node) Facts {
	f := Facts{
		MaxConnections: n.MaxConnections, Countable: n.Countable, HeapLimit: n.GoMemory, Rate: n.HandshakeRate, Cores: n.Reactors, Cost: n.Cost,
		Memory: available(files), Sources: localSources(n.Proxies), Tracked: int(freeTracked(files)),
	}
	if n.Cores > 0 {
		f.Cores = min(n.Reactors, n.Cores)
	}
	if _, hard, known := descriptorLimits(files, n.Process); known { // the server raises the soft limit to the hard one
		f.Descriptors, f.DescriptorRoom = hard, n.Room(hard)
	}
	if f.Sources > 0 {
		f.SourcePorts = localPorts(files)
	}
	f.GroupLimit, f.GroupUsed = tightest(files, n.Process)
	f.GroupUsed = max(0, f.GroupUsed-ownMemory(files, n.Process))
	return f
}

// ownMemory returns the memory of the running node. It is available again to a node that starts in its place.
func ownMemory(files fs.FS, process string) int64 {
	pages := numbers(files, path.Join("proc", process, "statm")) // all, resident, shared
	if len(pages) < 3 {
		return 0
	}
	return (pages[1] - pages[2]) * int64(os.Getpagesize())
}

// tightest returns the limit of the control group with the least room for a process, and how much of it others use.
func tightest(files fs.FS, process string) (limit, used int64) {
	for _, g := range host.Groups(files, process) {
		if g.Limit >= noLimit {
			continue
		}
		if n, ok := g.Used(); ok && (limit == 0 || g.Limit-n < limit-used) {
			limit, used = g.Limit, n
		}
	}
	return limit, used
}

// noLimit is a number from which a limit on memory is none: version 1 of control groups writes the highest page.
const noLimit = 1 << 60
