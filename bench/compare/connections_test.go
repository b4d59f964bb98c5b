package main

import (
	"net/http"
	"os"
	"os/exec"
	"testing"
)

// here is a server that runs in this process.
func here(t *testing.T, s http.Handler) *process {
	t.Helper()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	return &process{cmd: &exec.Cmd{Process: self}, dialect: &plainDialect, addr: serve(t, s)}
}

func TestAStormCountsItsHandshakes(t *testing.T) {
	p := here(t, plainServer{newMembers(), false})
	f, err := newFleet(p.addr, p.dialect)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	m, err := p.storm(f, storm(200))
	if err != nil || m.Count != 200 || m.CPUMicros <= 0 || m.PerSecond <= 0 || m.P50 <= 0 || m.P99 < m.P50 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestWarmingUpLeavesNoConnection(t *testing.T) {
	s := plainServer{newMembers(), false}
	p := here(t, s)
	if err := p.warm(); err != nil {
		t.Fatal(err)
	}
	s.await(warmConnections)
	for i, c := range s.all {
		if _, _, err := c.Read(t.Context()); err == nil {
			t.Fatalf("connection %d is still open", i)
		}
	}
}
