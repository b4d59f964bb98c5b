package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestSubscribeMessagesNameAtMost128Topics(t *testing.T) {
	var all topics
	for i := range 2*maxTopics + 1 {
		all.get(fmt.Sprint("t", i))
	}
	var sizes []int
	ids := 0
	for _, payload := range all.due(func() string { ids++; return fmt.Sprint(ids) }) {
		var m struct{ Data struct{ Topics []wish } }
		if err := json.Unmarshal(payload, &m); err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(m.Data.Topics))
	}
	if fmt.Sprint(sizes) != "[128 128 1]" || all.due(newID) != nil {
		t.Error(sizes)
	}
	all.reconnect()
	if len(all.due(newID)) != 3 {
		t.Error("not again after a reconnect")
	}
}

func TestAPositionOfZeroIsNamed(t *testing.T) {
	var all topics
	all.get("new")
	all.get("news").epoch = "n1"
	got := string(all.due(newID)[0])
	if !strings.Contains(got, `{"topics":[{"topic":"new"},{"topic":"news","seq":0,"epoch":"n1"}]}`) {
		t.Error(got)
	}
}

func TestARefusedRequestSettlesItsTopics(t *testing.T) {
	var all topics
	var got error
	all.get("a").waiters = []func(error){func(err error) { got = err }}
	all.due(func() string { return "r1" })
	refused := errors.New("no")
	if all.refuse("", refused) || all.refuse("r2", refused) || !all.refuse("r1", refused) || !errors.Is(got, refused) || len(all.names()) != 0 {
		t.Error(got, all.names())
	}
	all.remove("a", nil) // it is gone already
}

func TestARequestIsMadeAgain(t *testing.T) {
	var all topics
	all.get("a")
	all.due(func() string { return "r1" })
	if all.again("r2") || !all.again("r1") || all.again("") || len(all.due(newID)) != 1 {
		t.Error("not made again once")
	}
}

func TestHeldMessagesAreBounded(t *testing.T) {
	resumed := false
	held := topic{epoch: "n1", seq: 5}
	for i := range 2 * maxHeld {
		held.pass(&Message{Seq: uint64(6 + i)})
	}
	if got := held.subscribed(entry{Seq: 900, Epoch: "n2", Resumed: &resumed}); len(got) != maxHeld || held.seq != 900 || held.epoch != "n2" {
		t.Error(len(got), held.seq)
	}
	if parseEntries([]byte("7")) != nil {
		t.Error("entries of a number")
	}
}
