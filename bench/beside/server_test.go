package main

import (
	"net/netip"
	"testing"
	"time"

	"momentum/bench/crowd"
	"momentum/bench/nodes"
)

func TestClientsAreSpreadOverTheNodes(t *testing.T) {
	c := &cluster{server: servers[1], size: &size{}}
	for port := range 3 {
		c.nodes = append(c.nodes, &nodes.Node{Addr: netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(port))})
	}
	f, err := c.clients(7, 5)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	if len(f.clients) != 5 || f.clients[0].position.user != crowd.UserID(7).String() || len(f.targets) != 3 || f.dialect != servers[1].dialect {
		t.Errorf("%d clients of %v", len(f.clients), f.targets)
	}
}

func TestACostIsSharedByItsMessages(t *testing.T) {
	if got := micros(time.Millisecond, 4); got != 250 {
		t.Errorf("%v", got)
	}
	if got := micros(time.Millisecond, 0); got != 1000 {
		t.Errorf("%v of nothing", got)
	}
}

func TestARivalThatIsNotBuiltIsLeftOut(t *testing.T) {
	s := &size{rivals: t.TempDir()}
	for i, one := range servers {
		if one.built(s) != (i == 0) {
			t.Errorf("%s is built: %v", one.name, one.built(s))
		}
	}
}
