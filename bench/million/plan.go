package main

import (
	"cmp"
	"fmt"
	"time"

	"momentum/bench/nodes"
)

const (
	// fullNode is how many connections a node has room for at the usual limit of 20,000 descriptors a process, when it has
	// its share of those of a dead node too.
	fullNode   = 18_182
	otherFiles = 700

	// fewestNodes is how many nodes a small run has: after the death of one there are still two.
	fewestNodes = 3

	// maxNodes is the number of source addresses of generators.
	maxNodes = 250

	// connectionBytes is the memory of a connection at both ends, and processBytes that of a process without connections. A run
	// that would leave less than reserve is refused, and one that does is ended.
	connectionBytes = 13 << 10
	processBytes    = 24 << 20
	reserve         = 2 << 30
)

// plan says how large a run is.
type plan struct {
	connections, each, atOnce int
	binary, record            string
	limit                     time.Duration
}

// complete chooses what the flags have left open.
func (p *plan) complete() error {
	files, err := nodes.RaiseFiles()
	if err != nil {
		return err
	}
	p.atOnce = cmp.Or(p.atOnce, 5)
	if p.each == 0 {
		p.choose(files)
	}
	switch {
	case p.connections < fewestNodes || p.each < 1 || p.atOnce < 1:
		return fmt.Errorf("%d connections, %d each: too few", p.connections, p.each)
	case p.nodes() < 2:
		return fmt.Errorf("%d connections, %d each, are one node: the death of one needs another", p.connections, p.each)
	case p.nodes() > maxNodes:
		return fmt.Errorf("%d connections, %d each, are %d nodes: at most %d", p.connections, p.each, p.nodes(), maxNodes)
	case !p.holds(files):
		return fmt.Errorf("the limit of %d open files is too low for %d connections a node: raise it (ulimit -Hn), or lower --each", files, p.each)
	}
	return nil
}

// choose takes the lowest number of nodes whose connections the limit of open files holds.
func (p *plan) choose(files int) {
	for n := fewestNodes; n <= maxNodes; n++ {
		if p.each = ceil(p.connections, n); p.each <= fullNode && p.holds(files) {
			return
		}
	}
}

// holds reports whether a node has enough files for its connections and its share of those of a dead one.
func (p *plan) holds(files int) bool { return p.each+ceil(p.each, p.nodes()-1)+otherFiles <= files }

// nodes returns the number of nodes.
func (p *plan) nodes() int { return ceil(p.connections, p.each) }

// users returns the range of the users of a node.
func (p *plan) users(node int) (from, to int) {
	return node * p.each, min((node+1)*p.each, p.connections)
}

// fits returns an error if the machine has too little memory.
func (p *plan) fits() error {
	m, err := nodes.ReadMemory()
	if err != nil {
		return err
	}
	need := int64(p.connections)*connectionBytes + int64(2*p.nodes()+2)*processBytes + reserve
	if m.Available < need {
		return fmt.Errorf("%d connections need %.1f GiB of free memory at both ends, and there are %.1f GiB: use fewer (make million CONNECTIONS=20000)",
			p.connections, gibibytes(need), gibibytes(m.Available))
	}
	return nil
}

func ceil(a, b int) int { return (a + b - 1) / b }

func gibibytes(bytes int64) float64 { return float64(bytes) / (1 << 30) }
