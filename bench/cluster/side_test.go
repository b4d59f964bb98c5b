package main

import (
	"net/netip"
	"testing"
	"time"

	"momentum/bench/crowd"
	"momentum/bench/nodes"
)

func TestClientsAreSpreadOverTheNodes(t *testing.T) {
	one := &side{}
	for port := range 3 {
		one.nodes = append(one.nodes, &nodes.Node{Addr: netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(port))})
	}
	over := make(chan struct{})
	close(over)
	c, err := (&size{over: over}).clients(one, 7, 5, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Len() != 5 || c.First != 7 || len(c.Targets) != 3 {
		t.Errorf("%d clients of %v", c.Len(), c.Targets)
	}
	if _, err := (&size{over: over}).connected(one, 0, 1, func(*crowd.Message) error { return nil }); err == nil {
		t.Error("a run that is over connects clients")
	}
}

func TestATimeIsOver(t *testing.T) {
	if !after(-time.Second)() || after(time.Hour)() || micros(time.Millisecond) != 1000 {
		t.Error("a time is wrong")
	}
}

func TestTheCostOfASideWithoutNodesIsItsTime(t *testing.T) {
	one := &side{}
	if took, c := one.since(one.cost()); took < 0 || c.nodes != 0 || c.redis != 0 {
		t.Errorf("%v, %+v", took, c)
	}
}
