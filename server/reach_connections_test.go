package server

import (
	"context"
	"slices"
	"strings"
	"testing"

	"momentum/server/heavy"
)

// TestTheHeaviestConnectionsOfAllNodesAreMerged has each node's client send more than that of the node before.
func TestTheHeaviestConnectionsOfAllNodesAreMerged(t *testing.T) {
	c := newCluster(t, 1, 3, 10)
	for i, name := range []string{"ann", "bob", "cid"} {
		c.admit(i, name).text(`{"message_type":"ping","data":"` + strings.Repeat("x", 1000*(i+1)) + `"}`)
		c.settle()
	}
	rows := call(c, func() []ConnectionRow {
		rows, missed, err := c.reach().Heaviest(context.Background(), heavy.In, 10, 2)
		if err != nil || missed.Partial {
			t.Error(missed, err)
		}
		return rows
	})
	if len(rows) != 2 || rows[0].Username != "cid" || rows[0].Node != "node2" || rows[1].Node != "node1" {
		t.Errorf("%+v", rows)
	}
	c.engine.Buses()[2].Deaf = true
	missed := call(c, func() Partial { _, p, _ := c.reach().Heaviest(context.Background(), heavy.In, 10, 2); return p })
	if !slices.Equal(missed.Missing, []string{"node2"}) {
		t.Errorf("%+v", missed)
	}
}

// TestConnectionsOfAUserAreFoundOnAllNodes also closes one of them from another node.
func TestConnectionsOfAUserAreFoundOnAllNodes(t *testing.T) {
	c := newCluster(t, 1, 3, 10)
	var clients []*client
	for i := range 5 {
		one := c.admit(i%3, "ann")
		one.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
		c.settle()
		clients = append(clients, one)
	}
	for _, filter := range []ConnectionFilter{{User: userID("ann")}, {Topic: "news"}} {
		nodes := map[string]string{}
		for from, more := (ConnectionCursor{}), true; more; {
			p := call(c, func() ConnectionPage {
				p, err := c.reach().Connections(context.Background(), filter, from, 10, 1)
				if err != nil {
					t.Error(err)
				}
				return p
			})
			for _, row := range p.Rows {
				nodes[row.ID] = row.Node
			}
			from, more = p.Next, p.More
		}
		if len(nodes) != 5 {
			t.Errorf("%+v finds %v", filter, nodes)
		}
		for id, node := range nodes {
			if node != "node1" || filter.Topic != "" {
				continue
			}
			got := call(c, func() Closed { got, _ := c.reach().Drop(context.Background(), id, "bye"); return got })
			if got.Connections != 1 || got.Nodes != 3 {
				t.Errorf("%+v", got)
			}
			break
		}
		if filter.User != userID("ann") {
			continue
		}
		closed := 0
		for _, one := range clients {
			if strings.Contains(strings.Join(one.received(), " "), "close 4004 bye") {
				closed++
			}
		}
		if closed != 1 {
			t.Errorf("%d clients are closed", closed)
		}
		c.admit(1, "ann").text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
		c.settle()
	}
}
