package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"momentum/bench/crowd"
	"momentum/bench/nodes"
)

func TestARunThatLosesAnythingFails(t *testing.T) {
	good := record{Death: death{Users: 5}, Clients: answer{Figures: crowd.Figures{Resumed: 5}}}
	if err := good.failure(); err != nil {
		t.Error(err)
	}
	for _, f := range []crowd.Figures{{Resumed: 4}, {Resumed: 5, Failed: 1}, {Resumed: 5, Jumps: 1}, {Resumed: 5, Twice: 1}, {Resumed: 5, Gaps: 1}} {
		bad := record{Death: death{Users: 5}, Clients: answer{Figures: f}}
		if bad.failure() == nil {
			t.Errorf("%+v is well", f)
		}
	}
}

func TestTheTableHasTheMemoryOfAConnection(t *testing.T) {
	r := record{Connections: 10, Nodes: 2, Before: memory{Nodes: 1000, Host: 5000}, Full: memory{Nodes: 9000, Host: 33_000}, Stages: []stageTime{{"rest", 2, 0.5}}}
	text := r.table()
	for _, want := range []string{"| 10 connections, 2 nodes |", "| memory of a connection: the node's process | ≤ 1,100 B | 800 B |", "0 B; 2000 B |", "| Redis: rest |  | 0.50 s of CPU in 2.0 s |"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if err := r.save(filepath.Join(t.TempDir(), "record.json")); err != nil {
		t.Error(err)
	}
}

func TestTheCurveHasAPointASecond(t *testing.T) {
	r := record{}
	for i := range 40 {
		r.see(time.Duration(i)*100*time.Millisecond, i, 0)
	}
	if len(r.Curve) != 4 {
		t.Errorf("%d points of 4 s", len(r.Curve))
	}
}

func TestTheMemoryOfTheHostIsWatched(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(nil)
	r := newRecord(&plan{connections: 3, each: 1})
	watchMemory(ctx, cancel, r)
	if r.Lowest == 1<<62 || r.Nodes != 3 {
		t.Errorf("%+v", r)
	}
	if resident([]*nodes.Process{}) != 0 {
		t.Error("nothing has memory")
	}
}
