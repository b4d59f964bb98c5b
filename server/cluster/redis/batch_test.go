package redis

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"momentum/server/cluster"
)

// planOf describes a batch: the operations of each call, with the texts of their messages.
func planOf(b *batch) string {
	var calls []string
	for _, c := range b.calls {
		var operations []string
		for _, o := range c.operations {
			text := ""
			for _, m := range o.messages {
				text += string(m.json)
			}
			operations = append(operations, text)
		}
		calls = append(calls, fmt.Sprintf("%d/%d %s", c.partition, c.slot, strings.Join(operations, " ")))
	}
	return strings.Join(calls, "; ")
}

func TestConsecutiveMessagesOfAChannelAreOneBundle(t *testing.T) {
	p := &planner{names: &names{prefix: "mo", tags: []string{"0"}}}
	queue := []message{
		{to: broadcast, json: []byte("a")}, {to: broadcast, json: []byte("b")}, {to: user(1), json: []byte("c")},
		{to: broadcast, json: []byte("d")}, {to: broadcast, json: []byte("e"), id: []byte("1")}, {to: broadcast, json: []byte("f")},
	}
	b, rest := p.plan(queue, time.Time{})
	if got := planOf(b); got != "0/0 ab c d e f" || len(rest) != 0 {
		t.Errorf("%s, %d left", got, len(rest))
	}
}

func TestBatchesAreBounded(t *testing.T) {
	p := &planner{names: &names{prefix: "mo", tags: []string{"0"}}}
	many := make([]message, 2*callOperations*partitionCalls)
	for i := range many {
		many[i] = message{to: user(byte(i % 2)), json: []byte("a")}
	}
	b, rest := p.plan(many, time.Time{})
	if len(b.calls) != partitionCalls || len(rest) != len(many)/2 || b.calls[3].slot != 3 || b.calls[3].number != 4 {
		t.Errorf("%d calls, %d messages left", len(b.calls), len(rest))
	}
	large := make([]message, 100)
	for i := range large {
		large[i] = message{to: broadcast, json: make([]byte, bundleBytes/2)}
	}
	b, rest = p.plan(large, time.Time{})
	if n := len(large) - len(rest); n*bundleBytes/2 > batchBytes || n < 20 || len(b.calls[0].operations[0].messages) != 2 {
		t.Errorf("%d large messages in a batch, %d in a bundle", n, len(b.calls[0].operations[0].messages))
	}
	_, rest = p.plan([]message{{json: make([]byte, 2*batchBytes)}}, time.Time{})
	if len(rest) != 0 {
		t.Error("a message larger than a batch waits for ever")
	}
}

func TestPartitionsHaveTheirOwnCallsInOrder(t *testing.T) {
	p := &planner{names: &names{prefix: "mo", tags: []string{"0", "1"}}}
	var a, b cluster.Channel // of the partitions 0 and 1
	for i := range byte(20) {
		if p.names.partition(user(i)) == 0 {
			a = user(i)
		} else {
			b = user(i)
		}
	}
	plan, _ := p.plan([]message{{to: a, json: []byte("1")}, {to: b, json: []byte("2")}, {to: a, json: []byte("3")}}, time.Time{})
	if got := planOf(plan); got != "0/0 13; 1/0 2" {
		t.Error(got)
	}
}
