package sim

import (
	"context"
	"encoding/json"
	"errors"

	"momentum/server"
)

// post is one of an administrator's messages.
type post struct {
	to    *user // nil, and no topic: for everybody
	topic *topic
	kind  string
	size  int
	id    string // empty: without one
}

// administrate makes an administrator's call.
func (w *world) administrate() {
	over, cancel := context.WithCancel(context.Background())
	cancel() // nothing in a simulated world may wait
	if w.random.IntN(2) == 0 {
		_, _, _ = w.server.Cleanup(over)
	} else if w.random.IntN(4) == 0 || w.sc.crowd < 200 { // or it is dear
		w.post(post{kind: "system_message", size: w.random.IntN(2000), id: w.postID()})
	}
}

// publish makes calls of an administrator that send messages to a user or to a topic.
func (w *world) publish() {
	p := post{kind: []string{"text", "notification", "system_message"}[w.random.IntN(3)], size: w.random.IntN(2000)}
	if w.random.IntN(3) == 0 {
		p.to = w.users[w.random.IntN(len(w.users))]
	} else {
		p.topic = w.topicList[w.random.IntN(len(w.topicList))]
	}
	for n := 1 + w.random.IntN(2)*w.random.IntN(5); n > 0; n-- { // maybe a list
		if p.id = ""; w.random.IntN(2) == 0 {
			p.id = w.postID()
		}
		w.post(p)
	}
}

// postID is a new id, or one of those that the administrator has used before.
func (w *world) postID() string {
	if n := len(w.posts.list); n > 0 && w.random.IntN(2) == 0 {
		return w.posts.list[n-1-w.random.IntN(min(n, 1+w.random.IntN(40)))].id
	}
	return "post-" + w.newID()
}

// broadcast makes an administrator's call to send a message to everybody.
func (w *world) broadcast(size int) { w.post(post{kind: "system_message", size: size}) }

// post makes the call for a message, and checks the receipt. A message whose id the administrator has used before goes to
// nobody, if the node remembers it.
func (w *world) post(p post) {
	now, last := w.net.Now(), 10*w.sc.history.messages
	_, data, said := w.model.utter(nil, p.to, p.topic, w.padding[:p.size])
	known, sure := w.posts.recall(p.id, &w.sc.history, last, now)
	if sure == perhaps && (known.said.to != p.to || known.said.topic != p.topic) {
		return // the same number may be of another channel
	}
	r, err := w.call(p, data)
	if p.id != "" && r.ID != p.id {
		w.fail(nil, "a message with the id %s has the receipt %+v", p.id, r)
	}
	again := sure == remembered || sure == perhaps && r.Seq == known.seq
	if again {
		w.tally.posts++
		if r.Seq != known.seq || r.Connections != known.connections || r.Stored != known.said.stored && !known.said.unsure || p.isWrongError(known.said.online, err) {
			w.fail(nil, "the message %s was sent before, with the receipt %+v of %.200q; now it has %+v, %v", p.id, known, known.said.text, r, err)
		}
		return
	}
	said.text = envelope(r.ID, p.kind, data, stamp(now), nil, p.to, p.topic)
	if w.model.take(said, now); r.Connections != w.connectionsFor(said) || p.isWrongError(said.online, err) {
		w.fail(nil, "%+v went to %d connections of %d, error %v", p, r.Connections, w.connectionsFor(said), err)
	}
	numbered := r.Seq > 0
	if numbered != said.taken || numbered && !said.era.numbered(said.index+1, r.Seq) || r.Stored != said.stored && !said.unsure {
		w.fail(nil, "%+v has the receipt %+v; accepted %v, stored %v, number %d", p, r, said.taken, said.stored, said.number())
	}
	if p.id != "" {
		w.posts.add(p.id, said, r.Connections, r.Seq)
	}
}

// call makes the call.
func (w *world) call(p post, data json.RawMessage) (server.Receipt, error) {
	switch {
	case p.topic != nil && p.id == "":
		return w.server.Publish(p.topic.name, p.kind, data)
	case p.topic != nil:
		return w.server.PublishOnce(p.id, p.topic.name, p.kind, data)
	case p.to != nil && p.id == "":
		return w.server.Send(p.to.id, p.kind, data)
	case p.to != nil:
		return w.server.SendOnce(p.id, p.to.id, p.kind, data)
	case p.id == "":
		return w.server.Broadcast(p.kind, data)
	}
	return w.server.BroadcastOnce(p.id, p.kind, data)
}

// isWrongError reports whether the error of a call is not the one that is due: that a user is not online is told.
func (p *post) isWrongError(online bool, err error) bool {
	if p.to != nil && !online {
		return !errors.Is(err, server.ErrNotOnline)
	}
	return err != nil
}

// connectionsFor is how many connections a message is posted for.
func (w *world) connectionsFor(said *message) int {
	switch {
	case said.topic != nil && said.topic.here(w.net.Now()):
		return said.topic.subscribers
	case said.topic != nil:
		return 0
	case said.to != nil:
		return len(said.to.live)
	}
	return w.model.live
}
