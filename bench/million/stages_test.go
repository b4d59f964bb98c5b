package main

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"momentum/bench/nodes"
)

func TestTheUsersOfADeadNodeGoToAllOthers(t *testing.T) {
	w := world{}
	for port := range 3 {
		w.nodes = append(w.nodes, &nodes.Node{Addr: netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(port))})
	}
	if all := w.targets(1); len(all) != 2 || all[0].Port() != 0 || all[1].Port() != 2 {
		t.Errorf("%v", all)
	}
}

func TestAPauseEndsWithTheRun(t *testing.T) {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	if pause(over, time.Hour) == nil || pause(context.Background(), 0) != nil || millis(1500) != 1.5 {
		t.Error("a pause goes on")
	}
}
