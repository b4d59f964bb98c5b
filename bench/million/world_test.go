package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"momentum/bench/nodes"
)

func TestARunWithoutAServerEndsAtOnce(t *testing.T) {
	p := plan{connections: 3, each: 1, atOnce: 1, binary: "/does/not/exist"}
	if _, err := p.run(context.Background()); err == nil || !strings.Contains(err.Error(), "cannot start the processes") {
		t.Error(err)
	}
}

func TestAGeneratorHasTheUsersOfItsNode(t *testing.T) {
	w := world{plan: &plan{connections: 5, each: 2}, generators: fleet{{}, {}, {}}}
	for i, want := range []int{2, 2, 1} {
		if got := w.size(w.generators[i]); got != want {
			t.Errorf("generator %d has %d users", i, got)
		}
	}
	if w.size(&remote{}) != 0 || w.redisCPU() != 0*time.Second {
		t.Error("a stranger has users, or no Redis has used a processor")
	}
	w.nodes = []*nodes.Node{{}}
	if len(w.processes()) != 1 {
		t.Error("a node has no process")
	}
}
