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

// readJoined reads the number of a channel and, unless after is none, the entries. It drops the oldest if they have more than limit bytes:
// Redis counts those after compression. It returns the rest of the answer.
func readJoined(j *cluster.Joined, answer []rueidis.RedisMessage, after uint64, limit int) (rest []rueidis.RedisMessage, err error) {
	if len(answer) == 0 {
		return nil, errBundle
	}
	if j.Seq, err = answer[0].AsUint64(); err != nil || after == cluster.None {
		return answer[1:], err
	}
	entries, rest, err := readEntries(answer[1:])
	if err != nil {
		return nil, err
	}
	var kept deliveries
	taken := newest(entries, limit)
	for _, e := range taken {
		if e == dropped {
			continue
		}
		if err := kept.add(j.Channel, e, after); err != nil {
			kept.list = nil // one that cannot be read: the node has what follows it, and its clients are told of the gap
		}
	}
	j.Kept = consecutive(kept.list, j.Seq)
	bounded := len(taken) < len(entries) || len(entries) > 0 && entries[0] == dropped
	j.Bounded = bounded && (len(j.Kept) == 0 || j.Kept[0].Seq > after+1)
	return rest, nil
}

// dropped stands at the head of a list of which older messages were dropped for its limits.
const dropped = "x"

// readEntries reads a number of entries, and these.
func readEntries(answer []rueidis.RedisMessage) (entries []string, rest []rueidis.RedisMessage, err error) {
	if len(answer) == 0 {
		return nil, nil, errBundle
	}
	n, err := answer[0].AsInt64()
	if err != nil || n < 0 || n >= int64(len(answer)) {
		return nil, nil, errBundle
	}
	entries = make([]string, n)
	for i := range entries {
		if entries[i], err = answer[1+i].ToString(); err != nil {
			return nil, nil, err
		}
	}
	return entries, answer[1+n:], nil
}
