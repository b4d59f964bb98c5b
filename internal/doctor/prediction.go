package doctor

import (
	"fmt"
	"slices"
	"time"

	"momentum/server/storm"
)

// The memory of a node and of its idle connections, of as many users, as measured with 5,000 to 12,000 of them and two reactors on amd64 (Go 1.26). Its
// tables grow by doubling, so the figures are within some 4 %. A group counts a part of the memory that the kernel uses for
// sockets, and the host counts all of it.
const (
	// heapBase and heapEach are the live heap, which GOMEMLIMIT is compared with.
	heapBase, heapEach = 5_810_000, 800

	// groupBase and groupEach are the memory that a control group counts, with garbage: the middle of 40 runs with 24 MiB, which held 3,450 to
	// 5,800 connections.
	groupBase, groupEach = 10_850_000, 2_410

	// hostEach is the memory of the host: 0.7 KB of the process and 5 KB of the kernel, in docs/OPERATIONS.md.
	hostEach = 6 << 10
)

// The shares of a limit on memory, in percent, at which a node says that it is not ready.
const (
	fullHeap  = 85
	fullGroup = 92
)

// Facts are all that the number of connections depends on. A fact of 0 limits nothing.
type Facts struct {
	Descriptors    int // of the process
	DescriptorRoom int // connections that these leave room for; as low as 0 if there are Descriptors
	MaxConnections int // WS_MAX_CONNECTIONS
	Countable      int // the most that a node can count

	HeapLimit  int64 // GOMEMLIMIT
	GroupLimit int64 // of the control group with the least room
	GroupUsed  int64 // of it, by other processes
	Memory     int64 // that is available on the host

	SourcePorts int // for connections from a proxy with one address
	Sources     int // addresses of proxies; 0: clients connect directly
	Tracked     int // connections that conntrack has room for

	Rate  int // WS_HANDSHAKE_RATE
	Cores int
	Cost  time.Duration // processor time of a handshake; 0: not measured
}

// Limit is one of the resources that limit a node's connections.
type Limit struct {
	Name        string `json:"limit"`
	What        string `json:"what"`
	Connections int    `json:"connections"`
	Advice      string `json:"advice"` // how to raise it
}

// Prediction says how many connections a host holds, which limit comes first, and how long it takes until all of them are back.
type Prediction struct {
	Connections  int     `json:"connections"`
	Limit        string  `json:"limit"`
	StormSeconds float64 `json:"storm_seconds"`
	Limits       []Limit `json:"limits"` // the lowest first
}

// Predict predicts from facts.
func Predict(f Facts) Prediction {
	all := slices.Concat(f.settings(), f.memory(), f.network())
	slices.SortStableFunc(all, func(a, b Limit) int { return a.Connections - b.Connections })
	p := Prediction{Limits: all}
	if len(all) == 0 {
		return p
	}
	p.Connections, p.Limit = all[0].Connections, all[0].Name
	each := f.Cost
	if each == 0 {
		each = storm.CostGuess
	}
	p.StormSeconds = storm.Duration(p.Connections, f.Rate, f.Cores, each)
	return p
}

func (f *Facts) settings() (all []Limit) {
	if f.Descriptors > 0 {
		all = append(all, Limit{"descriptors", fmt.Sprintf("the descriptor limit of %d", f.Descriptors), max(0, f.DescriptorRoom),
			"raise it (ulimit -n, or LimitNOFILE in the systemd unit)"})
	}
	if f.Countable > 0 {
		all = append(all, Limit{"countable", "the most that one node can count", f.Countable, "run another node"})
	}
	if f.MaxConnections > 0 {
		all = append(all, Limit{"setting", "WS_MAX_CONNECTIONS (--max-connections)", f.MaxConnections, "raise it"})
	}
	return all
}

// memory returns the limits on memory. They are reached when the node says that it is not ready.
func (f *Facts) memory() (all []Limit) {
	const give = "give it more, or set WS_MAX_CONNECTIONS (--max-connections)"
	if f.HeapLimit > 0 {
		all = append(all, Limit{"heap", fmt.Sprintf("GOMEMLIMIT: %d %% of %d MiB for idle connections of %d bytes", fullHeap, f.HeapLimit>>20, heapEach),
			room(f.HeapLimit/100*fullHeap-heapBase, heapEach), "raise it; " + give})
	}
	if f.GroupLimit > 0 {
		all = append(all, Limit{"cgroup", fmt.Sprintf("the control group: %d %% of %d MiB for idle connections of %d bytes", fullGroup, f.GroupLimit>>20, groupEach),
			room(f.GroupLimit/100*fullGroup-f.GroupUsed-groupBase, groupEach), "raise MemoryMax in the systemd unit or the container's limit; " + give})
	}
	if f.Memory > 0 {
		all = append(all, Limit{"memory", fmt.Sprintf("memory: %d MiB for idle connections of %d KiB", f.Memory>>20, hostEach>>10), room(f.Memory, hostEach), give})
	}
	return all
}

func room(bytes int64, each int64) int { return int(max(0, bytes/each)) }

func (f *Facts) network() (all []Limit) {
	if f.Sources > 0 && f.SourcePorts > 0 {
		all = append(all, Limit{"ports", fmt.Sprintf("%d local ports of a proxy with %s", f.SourcePorts, addresses(f.Sources)), f.SourcePorts * f.Sources,
			"widen net.ipv4.ip_local_port_range on the proxy's host, or give the proxy more addresses"})
	}
	if f.Tracked > 0 {
		all = append(all, Limit{"conntrack", fmt.Sprintf("%d free entries of net.netfilter.nf_conntrack_max", f.Tracked), f.Tracked,
			"raise it, or exempt the port from connection tracking"})
	}
	return all
}

func addresses(n int) string {
	if n == 1 {
		return "one address"
	}
	return fmt.Sprintf("%d addresses", n)
}

// Capacity compares a prediction with the number of connections that is wanted.
func Capacity(p *Prediction, goal int) Finding {
	const subject = "capacity"
	if len(p.Limits) == 0 {
		return warning(subject, nil, "nothing is known that limits the connections")
	}
	first := p.Limits[0]
	if p.Connections < max(goal, 1) {
		return problem(subject, []string{first.Advice}, "the host holds %d connections, and %d are wanted: %s comes first", p.Connections, max(goal, 1), first.What)
	}
	return ok(subject, "the host holds %d connections: %s comes first", p.Connections, first.What)
}
