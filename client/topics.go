package client

import (
	"encoding/json"
	"maps"
	"slices"
)

// maxTopics is how many topics one subscribe may name.
const maxTopics = 128

// maxHeld bounds the messages of a topic that are held while the server looks for those before them.
const maxHeld = 256

// topic is a subscription, and how far the client is in it.
type topic struct {
	name     string
	epoch    string // empty: no position yet
	seq      uint64
	presence bool
	users    map[string]string // id → name, with presence
	request  string            // id of the subscribe that is not answered
	live     bool              // subscribed on this connection
	full     bool              // the server had no room for it: it is asked for later
	held     []Message         // of a topic that the token joins: they come again if the position can be resumed
	waiters  []func(error)
}

// topics are the subscriptions of a client, in the order of their first mention.
type topics struct {
	byName map[string]*topic
	order  []string
	asked  map[string]bool // ids of the subscribe messages without an answer on this connection

	refusals int // of topics for which there was no room, since the last connection that has lasted
}

// entry is a topic in an answer about topics.
type entry struct {
	Topic   string `json:"topic"`
	Seq     uint64 `json:"seq"`
	Epoch   string `json:"epoch"`
	Resumed *bool  `json:"resumed"` // nil: the request named no position
	Missed  int    `json:"missed"`
	Reason  string `json:"reason"`
	Error   string `json:"error"`
}

// wish is a topic in a subscribe. Without a position it has neither seq nor epoch.
type wish struct {
	Topic    string  `json:"topic"`
	Seq      *uint64 `json:"seq,omitempty"`
	Epoch    string  `json:"epoch,omitempty"`
	Presence bool    `json:"presence,omitempty"`
}

// get returns a subscription, and makes it if there is none.
func (t *topics) get(name string) *topic {
	if found := t.byName[name]; found != nil {
		return found
	}
	if t.byName == nil {
		t.byName = make(map[string]*topic)
	}
	made := &topic{name: name}
	t.byName[name] = made
	t.order = append(t.order, name)
	return made
}

// remove ends a subscription, and settles those that wait for it.
func (t *topics) remove(name string, err error) {
	found := t.byName[name]
	if found == nil {
		return
	}
	delete(t.byName, name)
	t.order = slices.DeleteFunc(t.order, func(n string) bool { return n == name })
	found.settle(err)
}

// names returns the topics in the order of their first mention.
func (t *topics) names() []string { return slices.Clone(t.order) }

// reconnect marks all topics as not subscribed.
func (t *topics) reconnect() {
	t.asked = nil
	for _, each := range t.byName {
		each.request, each.live, each.full, each.users = "", false, false, nil
	}
}

// again marks the topics of a request as not asked for; an empty id stands for all requests.
func (t *topics) again(request string) (found bool) {
	for _, each := range t.byName {
		if each.request != "" && (request == "" || each.request == request) {
			each.request, found = "", true
		}
	}
	return found
}

// refuse ends the topics of a request that the server refused as a whole.
func (t *topics) refuse(request string, err error) (found bool) {
	for name, each := range maps.Clone(t.byName) {
		if request != "" && each.request == request {
			found = true
			t.remove(name, err)
		}
	}
	return found
}

// due returns the subscribe messages for all topics that are not asked for, at most 128 in each.
func (t *topics) due(newID func() string) (payloads [][]byte) {
	if t.asked == nil {
		t.asked = make(map[string]bool)
	}
	var batch []wish
	id := newID()
	flush := func() {
		if len(batch) > 0 {
			payloads = append(payloads, request(id, "subscribe", map[string]any{"topics": batch}))
			t.asked[id] = true
			batch, id = nil, newID()
		}
	}
	for _, name := range t.order {
		each := t.byName[name]
		if each.live || each.full || each.request != "" {
			continue
		}
		each.request = id
		batch = append(batch, each.wish())
		if len(batch) == maxTopics {
			flush()
		}
	}
	flush()
	return payloads
}

func (t *topic) wish() wish {
	w := wish{Topic: t.name, Presence: t.presence}
	if t.epoch != "" {
		seq := t.seq
		w.Seq, w.Epoch = &seq, t.epoch
	}
	return w
}

// settle ends the waits for the subscription, with the outcome.
func (t *topic) settle(err error) {
	for _, done := range t.waiters {
		done(err)
	}
	t.waiters = nil
}

// subscribed takes the server's answer about a topic. It returns the held messages that the server will not send again.
func (t *topic) subscribed(e entry) []Message {
	held := t.held
	t.request, t.live, t.held = "", true, nil
	resumed := e.Resumed != nil && *e.Resumed
	if !resumed || e.Missed == 0 {
		t.seq, t.epoch = e.Seq, e.Epoch
	}
	t.settle(nil)
	if resumed {
		return nil
	}
	return held
}

// waits reports whether missed messages may come after newer ones.
func (t *topic) waits() bool { return !t.live && t.epoch != "" }

// pass returns false for a message that was handed over already, or is held. Otherwise it counts the message as handed
// over.
//
// The server subscribes a connection to the topics in its token's join at once. Messages of these topics may come before the answer to the
// client's own subscribe, and come again after that answer, among the missed messages.
func (t *topic) pass(m *Message) bool {
	if t.waits() {
		if len(t.held) < maxHeld {
			t.held = append(t.held, *m)
		}
		return false
	}
	if m.Seq == 0 {
		return true
	}
	if m.Seq <= t.seq {
		return false
	}
	t.seq = m.Seq
	return true
}

// parseEntries reads the data of an answer about topics.
func parseEntries(data json.RawMessage) []entry {
	var list struct{ Topics []entry }
	_ = json.Unmarshal(data, &list) // an answer that cannot be read has no entries
	return list.Topics
}
