package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	coder "github.com/coder/websocket"

	"momentum/server/auth"
)

// twoNodes is two nodes of one cluster, and clients of both.
type twoNodes struct {
	t    *testing.T
	a, b *serving

	alice, bob *resumer // on a
	carol      *resumer // on b
	number     atomic.Int64
}

// startTwo starts two nodes, and waits until both are ready if they are to be.
func startTwo(t *testing.T, urls [2]string, ready bool) *twoNodes {
	t.Helper()
	p := &twoNodes{t: t, a: serve(t, "REDIS_URL="+urls[0]), b: serve(t, "REDIS_URL="+urls[1])}
	if ready {
		p.awaitReady()
	}
	p.alice, p.bob, p.carol = resume(t, p.a, "alice"), resume(t, p.a, "bob"), resume(t, p.b, "carol")
	return p
}

func (p *twoNodes) nodes() []*serving { return []*serving{p.a, p.b} }

func (p *twoNodes) awaitReady() {
	p.t.Helper()
	for _, s := range p.nodes() {
		eventually(p.t, "the node is ready", func() bool { ready, _ := s.ready(p.t); return ready })
	}
}

// id returns an id that no other message has.
func (p *twoNodes) id(what string) string { return fmt.Sprint(what, p.number.Add(1)) }

// converses sends from each node to the other one, to one user and to everybody.
func (p *twoNodes) converses() {
	p.t.Helper()
	for _, from := range []*resumer{p.alice, p.carol} {
		to := p.carol
		if from == to {
			to = p.bob
		}
		direct, all := p.id("direct"), p.id("all")
		from.says(direct, to.name, false)
		to.hears(direct)
		from.says(all, "", true)
		p.bob.hears(all)
		if from == p.alice {
			p.carol.hears(all)
		}
	}
}

// resumer is a client that goes on reading, whatever comes, and that resumes.
type resumer struct {
	follower
	t *testing.T
}

func resume(t *testing.T, s *serving, name string) *resumer {
	t.Helper()
	r := &resumer{follower{name: name}, t}
	r.dial(t, "ws://"+s.ws, coder.DialOptions{})
	return r
}

func (r *resumer) says(id, to string, ack bool) {
	r.t.Helper()
	m := map[string]any{"id": id, "message_type": "text", "data": "hello"}
	if to != "" {
		m["to_user_id"] = auth.UserID(to).String()
	}
	if ack {
		m["ack"] = true
	}
	text, _ := json.Marshal(m)
	if err := r.c.Write(r.t.Context(), coder.MessageText, text); err != nil {
		r.t.Fatal(err)
	}
}

// hears reads until messages with all ids have come, in any order, and returns the last one.
func (r *resumer) hears(ids ...string) envelope {
	r.t.Helper()
	missing := make(map[string]bool)
	for _, id := range ids {
		missing[id] = true
	}
	return r.until(fmt.Sprint(ids), func(m envelope) bool {
		delete(missing, m.ID)
		return len(missing) == 0
	})
}

// outcome reads until the answer to a message: "ack", or the code of an error.
func (r *resumer) outcome(id string) string {
	r.t.Helper()
	var refusal struct {
		Code  string
		RefID string `json:"ref_id"`
	}
	m := r.until("the answer to "+id, func(m envelope) bool {
		refusal.Code, refusal.RefID = "", ""
		_ = json.Unmarshal(m.Data, &refusal)
		return m.Type == "ack" && m.ID == id || m.Type == "error" && refusal.RefID == id
	})
	if m.Type == "ack" {
		return m.Type
	}
	return refusal.Code
}

func (r *resumer) until(what string, is func(envelope) bool) envelope {
	r.t.Helper()
	ctx, stop := context.WithTimeout(r.t.Context(), patience)
	defer stop()
	for {
		_, text, err := r.c.Read(ctx)
		if err != nil {
			r.t.Fatalf("%s waits for %s: %v", r.name, what, err)
		}
		var m envelope
		if err := json.Unmarshal(text, &m); err != nil {
			r.t.Fatalf("%s: %v", text, err)
		}
		r.follow(m)
		if is(m) {
			return m
		}
	}
}

// follow moves the position.
func (r *resumer) follow(m envelope) {
	r.t.Helper()
	if m.Type == "position" { // the numbers are of another epoch
		var w welcome
		if err := json.Unmarshal(m.Data, &w); err != nil {
			r.t.Fatal(err)
		}
		r.epoch, r.broadcast, r.direct = w.Epoch, w.Broadcast, w.Direct
	}
	if m.Seq == 0 || strings.HasPrefix(m.Type, "ack") {
		return
	}
	at := &r.broadcast
	if m.To != "" {
		at = &r.direct
	}
	if m.Seq <= *at {
		r.t.Errorf("%s has had up to %d, and gets %+v", r.name, *at, m)
	}
	*at = m.Seq
}
