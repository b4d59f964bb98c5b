package redis

import (
	"testing"

	"github.com/google/uuid"

	"momentum/internal/serial"
	"momentum/server/cluster"
)

func TestNamesOfChannelsAreReadAgain(t *testing.T) {
	for _, tags := range [][]string{{"0", "1", "2", "3"}, whole} {
		n := &names{prefix: "mo", tags: tags}
		for _, c := range []cluster.Channel{broadcast, cluster.DirectOf(uuid.New()), cluster.TopicOf("a:b {c} }:d"), cluster.TopicOf("")} {
			if got, ok := n.channel(n.part(c, pubsub)); !ok || got != c {
				t.Errorf("%s is read as %+v", n.part(c, pubsub), got)
			}
		}
		start := n.key(0, "")
		for _, text := range []string{"", "mo", start, start + "u:short", "other" + start[2:] + "c", start + "u:!!!!!!!!!!!!!!!!!!!!!!", start + "s"} {
			if c, ok := n.channel(text); ok {
				t.Errorf("%q is read as %+v", text, c)
			}
		}
	}
}

// TestNamesOfUsersAreShort holds that Redis stores them in small units: 32 bytes for a key, with 2 of its own, and 48 for a channel, with 20.
func TestNamesOfUsersAreShort(t *testing.T) {
	n := &names{prefix: defaultPrefix, tags: whole}
	for which, most := range map[part]int{counter: 30, list: 30, pubsub: 28} {
		if name := n.part(user(1), which); len(name) > most {
			t.Errorf("%s has %d bytes, more than %d", name, len(name), most)
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

func TestANameIsOneAllocation(t *testing.T) {
	serial.Test(t)
	n := &names{prefix: "mo", tags: []string{""}}
	c := user(1)
	var name string
	if each := testing.AllocsPerRun(100, func() { name = n.part(c, counter) }); each != 1 {
		t.Errorf("%v allocations for %q", each, name)
	}
}
