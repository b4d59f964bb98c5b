package main

import (
	"testing"
	"time"

	"momentum/bench/nodes"
)

func TestAStormThatCannotStartIsAnError(t *testing.T) {
	g, err := nodes.NewGroup()
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	s := &size{binary: "false", crowd: 1, stormTime: time.Second}
	if err := s.storm(newRecord(s), g, servers[0]); err == nil {
		t.Error("a server that ends has a storm")
	}
}

func TestTheLastOfSomeMessagesIsAcknowledged(t *testing.T) {
	c := &cluster{server: servers[2]}
	texts := c.ownMessages(100, 103)
	if len(texts) != 3 || string(texts[0][:3]) != "42[" || string(texts[2][:6]) != "42103[" {
		t.Errorf("%s", texts)
	}
}
