package redis

import (
	"testing"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

func TestNamesOfChannelsAreReadAgain(t *testing.T) {
	n := &names{prefix: "mo", tags: []string{"0", "1", "2", "3"}}
	for _, c := range []cluster.Channel{broadcast, cluster.DirectOf(uuid.New()), cluster.TopicOf("a:b {c} }:d"), cluster.TopicOf("")} {
		if got, ok := n.channel(n.part(c, pubsub)); !ok || got != c {
			t.Errorf("%s is read as %+v", n.part(c, pubsub), got)
		}
	}
	for _, text := range []string{"", "mo", "mo:{0}:", "mo:{0}:u:short", "other:{0}:c", "mo:{0}:u:!!!!!!!!!!!!!!!!!!!!!!", "mo:{0}:s"} {
		if c, ok := n.channel(text); ok {
			t.Errorf("%q is read as %+v", text, c)
		}
	}
}

func TestAllPartsOfAChannelHaveOneTagAndDifferentNames(t *testing.T) {
	n := &names{prefix: "mo", tags: []string{"p0", "p1", "p2", "p3"}}
	seen := make(map[string]bool)
	partitions := make(map[int]bool)
	for i := range byte(40) {
		for _, c := range []cluster.Channel{user(i), cluster.TopicOf(string('a' + rune(i)))} {
			partitions[n.partition(c)] = true
			for _, which := range []part{counter, list, pubsub} {
				name := n.part(c, which)
				if want := n.key(n.partition(c), ""); name[:len(want)] != want || seen[name] {
					t.Errorf("%s is used already or does not begin with %s", name, want)
				}
				seen[name] = true
			}
		}
	}
	if len(partitions) != 4 {
		t.Errorf("only the partitions %v are used", partitions)
	}
}
