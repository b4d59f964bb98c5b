package redis

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestCallsHaveTheKeysAndArgumentsThatTheScriptReads(t *testing.T) {
	n := &names{prefix: "mo", tags: whole}
	e := newEncoder(testHistory, "node")
	e.reset(n, false)
	c := &call{number: 9, slot: 2, operations: []operation{
		{messages: []message{{to: broadcast}, {to: broadcast}}},
		{messages: []message{{to: user(1), sender: uuid.UUID{1}, id: []byte("5")}}},
	}}
	keys, args := e.call(c, &epoch{key: "mo:e", value: "x:7"}, check)
	if got := strings.Join(keys[:5], " "); got != "mo:e mo:w:node:2 mo:s mo:h mo:c" || len(keys) != 9 {
		t.Errorf("%d keys: %s", len(keys), keys)
	}
	if got := strings.Join(args[:10], " "); got != "x:7 9 check  60 100 65536 1000 4194304 b2" || len(args) != 13 || len(args[11]) != 17 || args[11][0] != 'D' {
		t.Errorf("%d arguments: %q", len(args), args)
	}
}

func TestReceiptsDifferBySenderChannelAndID(t *testing.T) {
	e := newEncoder(testHistory, "node")
	e.reset(&names{prefix: "mo", tags: whole}, false)
	seen := make(map[string]bool)
	for _, m := range []message{
		{to: user(1), sender: uuid.UUID{1}, id: []byte("1")}, {to: user(2), sender: uuid.UUID{1}, id: []byte("1")},
		{to: user(1), sender: uuid.UUID{2}, id: []byte("1")}, {to: user(1), sender: uuid.UUID{1}, id: []byte("2")},
		{to: user(1), sender: uuid.UUID{1}, id: []byte("")},
	} {
		key, name := e.receipt(&operation{messages: []message{m}}, 0)
		if seen[name] || !strings.HasPrefix(key, "mo:i:"+encoding.EncodeToString(m.sender[:])) || len(name) != 16 {
			t.Errorf("%s of %s is used already", name, key)
		}
		seen[name] = true
	}
}

func TestAdministratorsHaveReceiptsForEachChannel(t *testing.T) {
	e := newEncoder(testHistory, "node")
	e.reset(&names{prefix: "mo", tags: whole}, false)
	owners := make(map[string]bool)
	for n := range byte(10) {
		for id := range byte(100) {
			key, _ := e.receipt(&operation{messages: []message{{to: user(n), id: []byte{id}}}}, 0)
			owners[key[:len(key)-1]] = true
		}
	}
	if len(owners) != 10 {
		t.Errorf("ten channels have the receipts of %d", len(owners))
	}
}
