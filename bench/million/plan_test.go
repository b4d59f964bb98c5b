package main

import (
	"strings"
	"testing"
)

func TestAMillionAre55Nodes(t *testing.T) {
	for connections, want := range map[int]struct{ nodes, each int }{
		1_000_000: {55, 18_182}, 20_000: {3, 6_667}, 200_000: {12, 16_667}, 3: {3, 1},
	} {
		p := plan{connections: connections}
		p.choose(20_000)
		if p.nodes() != want.nodes || p.each != want.each {
			t.Errorf("%d connections: %d nodes of %d", connections, p.nodes(), p.each)
		}
		sum := 0
		for n := range p.nodes() {
			from, to := p.users(n)
			sum += to - from
		}
		if sum != connections {
			t.Errorf("the nodes of %d connections have %d", connections, sum)
		}
	}
}

func TestAPlanThatCannotBeIsRefused(t *testing.T) {
	for _, p := range []plan{
		{connections: 2}, {connections: 100, each: 100}, {connections: 1 << 30, each: 1 << 29}, {connections: 1 << 30}, {connections: 10, each: -1},
	} {
		if err := p.complete(); err == nil {
			t.Errorf("%+v is taken", p)
		}
	}
	p := plan{connections: 1 << 30, each: 1 << 29}
	if err := p.fits(); err == nil || !strings.Contains(err.Error(), "GiB of free memory") {
		t.Error(err)
	}
}
