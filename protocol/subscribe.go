package protocol

import (
	"strings"

	"github.com/valyala/fastjson"
)

// MaxTopicsAtOnce limits the topics in one subscribe or unsubscribe message.
const MaxTopicsAtOnce = 128

const (
	// maxSubscriptionBytes limits the data of a subscribe message: 128 topics with positions take at most 28 KiB.
	maxSubscriptionBytes = 32 << 10
	// keepParsed is the largest text for which a parser's memory is kept.
	keepParsed = 2 << 10
)

// Subscription is one topic of a subscribe message.
type Subscription struct {
	Topic    string
	Epoch    string // of Seq; empty: the node's
	Seq      uint64 // number of the last message that the client has had
	Resume   bool   // Seq is given
	Presence bool   // the client wants to know of the topic's other subscribers
	Valid    bool   // it is written as it must be; if not, only Topic may be set
}

// Subscriptions appends the topics in the data of a subscribe or unsubscribe message: {"topics":["NAME",{"topic":"NAME","seq":N,
// "epoch":"E","presence":true}]}. ok reports that data has such a list, of at most MaxTopicsAtOnce. The data must be part of
// a message that was parsed.
func (p *EnvelopeParser) Subscriptions(data []byte, dst []Subscription) (list []Subscription, ok bool) {
	if len(data) > maxSubscriptionBytes {
		return dst, false
	}
	parser := &p.json
	if len(data) > keepParsed { // the parser keeps a tree of the largest text that it has read
		parser = new(fastjson.Parser)
	}
	v, err := parser.ParseBytes(data)
	if err != nil {
		return dst, false
	}
	entries := v.GetArray("topics")
	if len(entries) == 0 || len(entries) > MaxTopicsAtOnce {
		return dst, false
	}
	for _, entry := range entries {
		dst = append(dst, subscriptionOf(entry))
	}
	return dst, true
}

func subscriptionOf(v *fastjson.Value) (s Subscription) {
	if name, err := v.StringBytes(); err == nil {
		s.Topic = string(name)
		s.Valid = ValidTopic(s.Topic)
		return s
	}
	s.Topic = string(v.GetStringBytes("topic"))
	s.Valid = ValidTopic(s.Topic)
	if position := v.Get("seq"); position != nil {
		seq, err := position.Uint64()
		s.Seq, s.Resume, s.Valid = seq, true, s.Valid && err == nil
	}
	if epoch := v.Get("epoch"); epoch != nil {
		text, err := epoch.StringBytes()
		s.Epoch, s.Valid = strings.Clone(string(text)), s.Valid && err == nil && validEpoch(text)
	}
	if presence := v.Get("presence"); presence != nil {
		wanted, err := presence.Bool()
		s.Presence, s.Valid = wanted, s.Valid && err == nil
	}
	return s
}
