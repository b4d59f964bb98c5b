package server

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"momentum/internal/serial"
	"momentum/protocol"
	"momentum/server/history"
	"momentum/server/reason"
	"momentum/server/topics"
)

// reader is a user that subscribes to topics, is cut off again and again, and resumes each topic.
type reader struct {
	*world
	name string
	now  *client
	had  map[string]uint64 // the position in each topic
	got  map[string]int    // messages that have come
	anew bool              // it has subscribed again: what was on its way may come twice
}

// answerTo is the data of a subscribed message.
type answerTo struct {
	Topics []struct {
		Topic, Reason, Error string
		Seq                  uint64
		Resumed              *bool
		Missed               int
	}
}

func (r *reader) connect() {
	r.now = r.dial(r.name)
	r.now.Send(upgradeRequest(r.token(r.name)))
	r.anew = false
	if len(r.had) > 0 {
		r.subscribe()
	}
}

// subscribe asks for all topics from the positions that the reader has.
func (r *reader) subscribe() {
	var list []string
	for topic, seq := range r.had {
		list = append(list, fmt.Sprintf(`{"topic":"%s","seq":%d,"epoch":"%s"}`, topic, seq, r.server.epoch))
	}
	r.now.text(`{"message_type":"subscribe","data":{"topics":[` + strings.Join(list, ",") + `]}}`)
}

func (r *reader) read() {
	r.t.Helper()
	for _, line := range r.now.received() {
		var m struct {
			numbered
			Topic string `json:"topic"`
		}
		if json.Unmarshal([]byte(line), &m) != nil {
			continue
		}
		var answer answerTo
		switch {
		case m.Type == "subscribed" && json.Unmarshal(m.Data, &answer) == nil:
			for _, a := range answer.Topics {
				if a.Resumed == nil || !*a.Resumed || a.Error != "" {
					r.t.Errorf("%s: not resumed from %d: %+v", r.name, r.had[a.Topic], a)
				}
			}
		case m.Topic == "", r.anew && m.Seq <= r.had[m.Topic]:
		case m.Seq != r.had[m.Topic]+1:
			r.t.Errorf("%s gets message %d of %s after %d", r.name, m.Seq, m.Topic, r.had[m.Topic])
			fallthrough
		default:
			r.had[m.Topic] = m.Seq
			r.got[m.Topic]++
		}
	}
}

// TestSubscribersThatFlapGetEverythingOnce cuts subscribers off at any moment, while messages are posted to their topics.
func TestSubscribersThatFlapGetEverythingOnce(t *testing.T) {
	serial.Test(t)
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 2))
		w := newWorld(t, seed, func(o *Options) { o.RateLimit, o.Reactors, o.History.Messages = 0, 1+random.IntN(3), 1000 })
		readers := make([]*reader, 4)
		for i := range readers {
			readers[i] = &reader{world: w, name: fmt.Sprint("user", i), had: map[string]uint64{}, got: map[string]int{}}
			for topic := range 1 + random.IntN(3) {
				readers[i].had[fmt.Sprint("topic", topic)] = 0
			}
			readers[i].connect()
		}
		w.net.Settle()
		for range 300 {
			r := readers[random.IntN(len(readers))]
			switch random.IntN(8) {
			case 0, 1:
				r.now.HangUp()
				r.connect()
			case 2:
				w.net.Settle()
			case 3:
				r.read()
			case 4:
				r.read()
				r.anew = true
				r.subscribe() // again, from where it is
			default:
				p := newPublisher(&w.server.node)
				out := protocol.Outgoing{Type: protocol.Text, Topic: fmt.Append(nil, "topic", random.IntN(3))}
				_, _ = p.publish(audience{topic: out.Topic}, out, w.net.Now(), w.server.group.Moment())
			}
		}
		for _, r := range readers {
			w.net.Settle()
			r.read()
			r.now.HangUp()
			r.connect()
			w.net.Settle()
			r.read()
			r.checkEverythingCame(seed)
		}
		if err := w.audit(); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		if t.Failed() {
			return
		}
	}
}

func (r *reader) checkEverythingCame(seed uint64) {
	r.t.Helper()
	for topic, had := range r.had {
		r.server.topics.With([]byte(topic), func(t *topics.Topic, _ *history.Store) {
			if had != t.Channel.Seq() || r.got[topic] != int(had) {
				r.t.Errorf("seed %d: %s has had %d messages of %s up to %d of %d", seed, r.name, r.got[topic], topic, had, t.Channel.Seq())
			}
		})
	}
}

// TestSubscriptionsEndWithTheSession ends sessions with subscriptions in several ways: nothing is left of them.
func TestSubscriptionsEndWithTheSession(t *testing.T) {
	w := newWorld(t, 1, nil)
	for i, end := range []func(*client){(*client).HangUp, func(c *client) { c.Send(frame(8, nil)) }, func(c *client) { c.Send([]byte{0xff, 0xff}) }} {
		c := w.join(fmt.Sprint("user", i))
		c.text(`{"message_type":"subscribe","data":{"topics":["a","b","c"]}}`)
		w.net.Settle()
		end(c)
		w.net.Settle()
	}
	if n := w.server.topics.Subscriptions(); n != 0 {
		t.Errorf("%d subscriptions are left", n)
	}
	for _, sh := range w.shards() {
		for id, topic := range sh.subscriptions.here {
			if topic != nil {
				t.Errorf("topic %s still has number %d", topic.Name, id)
			}
		}
	}
}

func TestTopicsOfAConnectionAreLimited(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.MaxTopics, o.MaxSubscriptions = 3, 4 })
	alice, bob := w.join("alice"), w.join("bob")
	alice.received()
	bob.received()
	alice.text(`{"message_type":"subscribe","data":{"topics":["a","b","a","c","d"]}}`)
	w.net.Settle()
	if received := strings.Join(alice.received(), ""); strings.Count(received, `"seq"`) != 4 || !strings.Contains(received, `{"topic":"d","error":"too_many_topics"}`) {
		t.Errorf("a connection with three topics gets %s", received)
	}
	bob.text(`{"message_type":"subscribe","data":{"topics":["a","e"]}}`)
	w.net.Settle()
	if received := strings.Join(bob.received(), ""); !strings.Contains(received, `{"topic":"e","error":"node_full"}`) || w.server.topics.Subscriptions() != 4 {
		t.Errorf("above the node's limit of four, the answer is %s", received)
	}
}

// TestClosesWithTopicsCostMore holds that the end of subscriptions counts in a turn that closes many sessions.
func TestClosesWithTopicsCostMore(t *testing.T) {
	for want, end := range map[int]func(*shard, *session) int{
		closeCost:       func(sh *shard, s *session) int { return sh.ending.close(s, reason.ClosedIdle) },
		reliefCloseCost: func(sh *shard, s *session) int { sh.relief.bytes = 1; return sh.relief.shedOne(s) },
	} {
		w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
		c := w.join("alice")
		c.text(`{"message_type":"subscribe","data":{"topics":["a","b","c"]}}`)
		w.net.Settle()
		sh := w.shards()[0]
		for s := range sh.sessions.live() {
			if cost := end(sh, s); cost != want+3*looksPerTopic || w.server.topics.Subscriptions() != 0 {
				t.Errorf("a close with three topics costs %d looks, want %d and those of the topics", cost, want)
			}
		}
	}
}

// TestATopicThatWasForgottenIsNotResumed publishes to a topic after its last subscriber has gone for longer than the age.
func TestATopicThatWasForgottenIsNotResumed(t *testing.T) {
	for _, age := range []time.Duration{0, time.Second} {
		w := newWorld(t, 1, func(o *Options) { o.History.Age = age })
		bob := w.join("bob")
		bob.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
		w.net.Settle()
		_, _ = w.server.Publish("news", "text", json.RawMessage(`1`))
		w.net.Settle()
		bob.HangUp()
		if age > 0 {
			w.net.Advance(10 * time.Second)
		}
		w.net.Settle()
		_, _ = w.server.Publish("news", "text", json.RawMessage(`2`)) // dropped
		bob = w.join("bob")
		bob.received()
		bob.text(`{"message_type":"subscribe","data":{"topics":[{"topic":"news","seq":1}]}}`)
		w.net.Settle()
		if received := strings.Join(bob.received(), ""); !strings.Contains(received, `"resumed":false,"reason":"expired"`) {
			t.Errorf("age %v: bob has missed a message and gets %s", age, received)
		}
	}
}

// TestADroppedMessageMayBeSentAgain publishes with an ack before anybody has subscribed, and again after it.
func TestADroppedMessageMayBeSentAgain(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice, bob := w.join("alice"), w.join("bob")
	const message = `{"id":"1","message_type":"text","topic":"news","ack":true}`
	alice.text(message)
	w.net.Settle()
	bob.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	w.net.Settle()
	bob.received()
	alice.text(message)
	w.net.Settle()
	if received := strings.Join(bob.received(), ""); !strings.Contains(received, `"topic":"news"`) {
		t.Errorf("the message that is sent again does not come: %s", received)
	}
}

// TestALaterUnsubscribeIsExecutedLater has a client that is ahead of its reactor subscribe, and at once unsubscribe and subscribe to
// another topic: the messages are answered in the order in which they were sent.
func TestALaterUnsubscribeIsExecutedLater(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	alice, bob := w.join("alice"), w.join("bob")
	alice.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	w.net.Settle()
	bob.received()
	_, _ = w.server.Publish("news", "text", json.RawMessage(`1`)) // on its way
	bob.text(`{"id":"1","message_type":"subscribe","data":{"topics":[{"topic":"news","seq":1}]}}`)
	bob.text(`{"id":"2","message_type":"unsubscribe","data":{"topics":["news"]}}`)
	bob.text(`{"id":"3","message_type":"subscribe","data":{"topics":["other"]}}`)
	bob.text(`{"id":"4","message_type":"subscribe","data":{"topics":[]}}`)
	w.net.Settle()
	received := bob.received()
	want := []string{`{"id":"1","message_type":"subscribed"`, `{"id":"2","message_type":"unsubscribed","data":{"topics":[{"topic":"news"}]}`, `{"id":"3","message_type":"subscribed"`, `"ref_id":"4"`}
	if len(received) != len(want) {
		t.Fatalf("bob gets %s", received)
	}
	for i, line := range received {
		if !strings.Contains(line, want[i]) {
			t.Errorf("answer %d is %s", i, line)
		}
	}
	if n := w.server.topics.Subscriptions(); n != 2 || len(w.shards()[0].subscriptions.waiting) != 0 {
		t.Errorf("%d subscriptions are left", n)
	}
}

// TestASubscriptionThatEndsTakesItsMissedMessages ends or moves a subscription in the turn that made it: the missed messages that
// its answer has announced are still pending, and must not follow the second answer.
func TestASubscriptionThatEndsTakesItsMissedMessages(t *testing.T) {
	for second, want := range map[string][]string{
		`{"id":"2","message_type":"unsubscribe","data":{"topics":["news"]}}`:                        nil,
		`{"id":"2","message_type":"subscribe","data":{"topics":[{"topic":"news","seq":2}]}}`:        {`"seq":3`},
		`{"id":"2","message_type":"subscribe","data":{"topics":["news",{"topic":"gone","seq":0}]}}`: nil,
	} {
		w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
		alice, bob := w.join("alice"), w.join("bob")
		alice.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
		w.net.Settle()
		for i := range 3 {
			_, _ = w.server.Publish("news", "text", json.RawMessage(strconv.Itoa(i)))
		}
		w.net.Settle()
		bob.received()
		bob.text(`{"id":"1","message_type":"subscribe","data":{"topics":[{"topic":"news","seq":1}]}}`)
		bob.text(second)
		w.net.Settle()
		received := bob.received()
		answer := slices.IndexFunc(received, func(line string) bool { return strings.Contains(line, `{"id":"2"`) })
		if answer < 0 || len(received)-answer-1 != len(want) {
			t.Fatalf("after %s bob gets %s", second, received)
		}
		for i, line := range received[answer+1:] {
			if !strings.Contains(line, want[i]) {
				t.Errorf("after %s bob gets %s", second, line)
			}
		}
	}
}

// TestASubscriptionAheadOfTheReactorWaits subscribes from a position that the reactor has not applied yet.
func TestASubscriptionAheadOfTheReactorWaits(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	alice, bob := w.join("alice"), w.join("bob")
	alice.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	w.net.Settle()
	bob.received()
	if _, err := w.server.Publish("news", "text", json.RawMessage("1")); err != nil { // posted, and not applied yet
		t.Fatal(err)
	}
	bob.text(`{"message_type":"subscribe","data":{"topics":[{"topic":"news","seq":1}]}}`)
	w.net.Settle()
	received := bob.received()
	if len(received) != 1 || !strings.Contains(received[0], `"seq":1,`) || !strings.Contains(received[0], `"resumed":true,"missed":0`) {
		t.Errorf("bob has had the message, and gets %q", received)
	}
}
