package redis

import (
	"encoding/base64"
	"hash/crc32"
	"strings"

	"momentum/server/cluster"
)

// names makes the names of keys and channels. All of a channel, and all of a partition, are in one hash slot, which the tag in
// braces chooses. A server without Redis Cluster has one partition, without a tag: the three names of a user are then so short that each
// takes 16 bytes less of Redis's memory.
type names struct {
	prefix string
	tags   []string // of each partition
}

var encoding = base64.RawURLEncoding

// partition returns the partition of a channel. The broadcast is in the first one.
func (n *names) partition(c cluster.Channel) int {
	if len(n.tags) == 1 || c.Kind == cluster.Broadcast {
		return 0
	}
	return n.hash(c)
}

// hash chooses one of several partitions. It is apart because it moves the channel to the heap.
func (n *names) hash(c cluster.Channel) int {
	h := crc32.ChecksumIEEE(c.User[:])
	if c.Kind == cluster.Topic {
		h = crc32.ChecksumIEEE([]byte(c.Name))
	}
	return int(h % uint32(len(n.tags)))
}

// appendKey appends the beginning of all names of a partition, such as "mo:{17}:" or "mo:", and then a text.
func (n *names) appendKey(b []byte, partition int, text string) []byte {
	b = append(append(b, n.prefix...), ':')
	if tag := n.tags[partition]; tag != "" {
		b = append(b, '{')
		b = append(b, tag...)
		b = append(b, "}:"...)
	}
	return append(b, text...)
}

// cut returns a name without the beginning that all names of its partition have.
func (n *names) cut(name string) (rest string, ok bool) {
	if rest, ok = strings.CutPrefix(name, n.prefix); !ok {
		return "", false
	}
	end := ":"
	if n.tags[0] != "" {
		end = "}:"
	}
	_, rest, ok = strings.Cut(rest, end)
	return rest, ok
}

// key returns a name that belongs to no channel.
func (n *names) key(partition int, text string) string {
	var room [96]byte // for names of usual lengths
	return string(n.appendKey(room[:0], partition, text))
}

// part is a part of a channel in Redis.
type part byte

const (
	counter part = 's'
	list    part = 'h'
	pubsub  part = 'c'
)

// appendPart appends the name of a part of a channel: "c", "s" and "h" of the broadcast, "u:<user>", "s:<user>" and "h:<user>" of
// direct messages, "tc:<name>", "ts:<name>" and "th:<name>" of a topic.
func (n *names) appendPart(b []byte, c cluster.Channel, which part) []byte {
	b = n.appendKey(b, n.partition(c), "")
	switch c.Kind {
	case cluster.Broadcast:
		return append(b, byte(which))
	case cluster.Topic:
		b = append(b, 't', byte(which), ':')
		return append(b, c.Name...)
	}
	if which == pubsub {
		which = 'u'
	}
	b = append(b, byte(which), ':')
	return encoding.AppendEncode(b, c.User[:])
}

func (n *names) part(c cluster.Channel, which part) string {
	var room [96]byte // for names of usual lengths
	return string(n.appendPart(room[:0], c, which))
}

// channel reads the name of a pub/sub channel. The name of a topic shares the text's memory.
func (n *names) channel(text string) (c cluster.Channel, ok bool) {
	rest, ok := n.cut(text)
	switch {
	case !ok:
	case rest == "c":
		return cluster.Channel{Kind: cluster.Broadcast}, true
	case strings.HasPrefix(rest, "tc:"):
		return cluster.TopicOf(rest[3:]), true
	case len(rest) == 24 && rest[:2] == "u:":
		c.Kind = cluster.Direct
		_, err := encoding.Decode(c.User[:], bytesOf(rest[2:]))
		return c, err == nil
	}
	return c, false
}
