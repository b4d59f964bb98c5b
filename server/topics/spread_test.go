package topics

import (
	"fmt"
	"testing"
)

// TestNamesSpreadOverTheLocks holds that similar names, of all lengths, are spread evenly, and by another key otherwise.
func TestNamesSpreadOverTheLocks(t *testing.T) {
	const names, most = 64 * 100, 64 * 100 / shardCount * 2
	for _, form := range []string{"%d", "room.%d", "a long name of a topic, whose end is a number: %09d", "%08d.events"} {
		var counts [shardCount]int
		same := 0
		for i := range names {
			name := fmt.Appendf(nil, form, i)
			counts[spread(1, name)%shardCount]++
			if spread(1, name)%shardCount == spread(2, name)%shardCount {
				same++
			}
		}
		for shard, n := range counts {
			if n == 0 || n > most {
				t.Errorf("%q: of %d names, %d have lock %d", form, names, n, shard)
			}
		}
		if same > 2*names/shardCount {
			t.Errorf("%q: of %d names, %d have the same lock with another key", form, names, same)
		}
	}
}

func TestEveryByteOfANameCounts(t *testing.T) {
	seen := map[uint64]string{}
	for _, name := range []string{"", "a", "b", "a\x00", "12345678", "12345679", "123456789", "123456780", "22345678"} {
		hash := spread(7, []byte(name))
		if other, twice := seen[hash]; twice {
			t.Errorf("%q and %q have one hash", name, other)
		}
		seen[hash] = name
	}
}
