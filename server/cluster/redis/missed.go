package redis

import (
	"time"

	"github.com/redis/rueidis"

	"momentum/server/cluster"
)

// recent returns the messages from the first one on that was sent after a time. A list lives for the history's age after its last message,
// so its first ones may be older.
func recent(kept []cluster.Delivery, after time.Time) []cluster.Delivery {
	for len(kept) > 0 && kept[0].Sent.Before(after) {
		kept = kept[1:]
	}
	return kept
}

// consecutive returns the last messages of a list, up to the channel's last number, that have numbers without a hole. If the list has
// outlived its counter, it begins with messages of an earlier numbering.
func consecutive(kept []cluster.Delivery, seq uint64) []cluster.Delivery {
	first := len(kept)
	for first > 0 && kept[first-1].Seq == seq {
		first--
		seq--
	}
	return kept[first:]
}

// newest returns the last entries: those that have at most limit bytes before compression, but one at least.
func newest(entries []string, limit int) []string {
	bytes := 0
	for i := len(entries) - 1; i >= 0; i-- {
		if bytes += plainBytes(entries[i]); bytes > limit && i < len(entries)-1 {
			return entries[i+1:]
		}
	}
	return entries
}

// readJoined reads a number, or a list of a number, whether messages were dropped, and the entries. It drops the oldest if they have more
// than limit bytes: Redis counts those after compression.
func readJoined(j *cluster.Joined, m *rueidis.RedisMessage, after uint64, limit int) error {
	if m.IsInt64() {
		n, err := m.AsUint64()
		j.Seq = n
		return err
	}
	both, err := m.ToArray()
	if err != nil || len(both) != 3 {
		return errBundle
	}
	if j.Seq, err = both[0].AsUint64(); err != nil {
		return err
	}
	bounded, err := both[1].AsInt64()
	if err != nil {
		return err
	}
	entries, err := both[2].AsStrSlice()
	if err != nil {
		return err
	}
	var kept deliveries
	taken := newest(entries, limit)
	for _, e := range taken {
		if e == "x" { // marks that older messages were dropped
			continue
		}
		if err = kept.add(j.Channel, e, after); err != nil {
			kept.list = nil // one that cannot be read: the node has what follows it, and its clients are told of the gap
		}
	}
	j.Kept = consecutive(kept.list, j.Seq)
	j.Bounded = (bounded == 1 || len(taken) < len(entries)) && (len(j.Kept) == 0 || j.Kept[0].Seq > after+1)
	return nil
}
