package redis

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// patience bounds every wait. A test that uses all of it has failed.
const patience = 15 * time.Second

// testHistory is the history of most tests.
var testHistory = History{Age: 60 * time.Second, Messages: 100, Bytes: 64 << 10, BroadcastMessages: 1000, BroadcastBytes: 4 << 20}

// got is a delivery with bytes of its own.
type got struct {
	channel cluster.Channel
	epoch   cluster.Epoch
	seq     uint64
	but     uuid.UUID
	json    string
}

func gotOf(d cluster.Delivery) got { return got{d.Channel, d.Epoch, d.Seq, d.But, string(d.JSON)} }

// peer is a node that records the calls of its bus, and joins its channels again as a node has to.
type peer struct {
	*Bus
	t testing.TB

	mu       sync.Mutex
	changed  sync.Cond
	in       atomic.Int32 // calls under way
	channels []cluster.Channel
	after    map[cluster.Channel]uint64
	got      []got
	joined   []cluster.Joined
	settled  []cluster.Outcome
	states   []cluster.State
	rejoins  int
	told     []string // "sender text"
	noticed  []string
	moved    []string // "+name", "-name"
	users    []cluster.Move
	persists bool // whether it asks again for a channel whose Join has failed, as a node does
}

var (
	starts atomic.Uint64
	quiet  = slog.New(slog.DiscardHandler)
)

// newPeer returns a node without a bus.
func newPeer(t testing.TB) *peer {
	p := &peer{t: t, after: make(map[cluster.Channel]uint64)}
	p.changed.L = &p.mu
	return p
}

// start starts a node. It ends with the test.
func start(t testing.TB, url string, h History) *peer {
	t.Helper()
	p := newPeer(t)
	log := slog.New(slog.NewTextHandler(lineWriter{t}, &slog.HandlerOptions{Level: slog.LevelInfo}))
	b, err := New(Options{URL: url, Node: p, NodeName: t.Name(), History: h, Log: log, Now: time.Now, Seed: starts.Add(1)})
	if err != nil {
		t.Fatal(err)
	}
	p.Bus = b
	t.Cleanup(b.Close)
	return p
}

type lineWriter struct{ t testing.TB }

func (w lineWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// healthy starts a node and waits until it is healthy and in the channels.
func healthy(t testing.TB, url string, channels ...cluster.Channel) *peer {
	t.Helper()
	p := start(t, url, testHistory)
	p.await("health", func() bool { return p.Bus.State() == cluster.Healthy && p.rejoins > 0 })
	p.enter(channels...)
	return p
}

// enter joins channels, and waits for the answers.
func (p *peer) enter(channels ...cluster.Channel) {
	p.t.Helper()
	p.mu.Lock()
	p.channels = append(p.channels, channels...)
	n := len(p.joined)
	p.mu.Unlock()
	for _, c := range channels {
		p.Join(cluster.Arrival{Channel: c, After: cluster.None})
	}
	p.await("joins", func() bool { return len(p.joined) >= n+len(channels) })
}

func (p *peer) update(f func()) {
	if p.in.Add(1) != 1 {
		p.t.Error("two calls of the node at once")
	}
	p.mu.Lock()
	f()
	p.changed.Broadcast()
	p.mu.Unlock()
	p.in.Add(-1)
}

// Deliver implements cluster.Node. It drops what it has, as a node does.
func (p *peer) Deliver(list []cluster.Delivery) {
	p.update(func() { p.take(list) })
}

func (p *peer) take(list []cluster.Delivery) {
	for _, d := range list {
		if d.Seq > p.after[d.Channel] {
			p.after[cluster.Channel{Kind: d.Channel.Kind, User: d.Channel.User, Name: strings.Clone(d.Channel.Name)}] = d.Seq
			p.got = append(p.got, gotOf(d))
		}
	}
}

// Joined implements cluster.Node.
func (p *peer) Joined(list []cluster.Joined) {
	p.update(func() {
		for _, j := range list {
			p.take(j.Kept)
			p.joined = append(p.joined, j)
			if j.Err != nil {
				if p.persists {
					p.ask(j.Channel)
				}
				continue
			}
			if _, known := p.after[j.Channel]; !known {
				p.after[j.Channel] = j.Seq
			}
		}
	})
}

// Settled implements cluster.Node.
func (p *peer) Settled(list []cluster.Outcome) {
	p.update(func() {
		for _, o := range list {
			o.Lost.JSON = append([]byte(nil), o.Lost.JSON...)
			p.settled = append(p.settled, o)
		}
	})
}

// Changed implements cluster.Node.
func (p *peer) Changed(s cluster.State, epochs []cluster.Epoch) {
	rejoin := epochs != nil
	p.update(func() {
		p.states = append(p.states, s)
		if !rejoin {
			return
		}
		p.rejoins++
		for _, c := range p.channels {
			p.ask(c)
		}
	})
}

// ask joins a channel, and asks for the messages after the last one that the node has.
func (p *peer) ask(c cluster.Channel) {
	after, known := p.after[c]
	if !known {
		after = cluster.None
	}
	p.Join(cluster.Arrival{Channel: c, After: after})
}

// ReceiveNote implements cluster.Node.
func (p *peer) ReceiveNote(from cluster.NodeID, text []byte) {
	p.update(func() { p.told = append(p.told, string(from)+" "+string(text)) })
}

// Moved implements cluster.Node.
func (p *peer) Moved(list []cluster.Move) {
	p.update(func() {
		for _, m := range list {
			sign := "-"
			if m.Here {
				sign = "+"
			}
			p.moved = append(p.moved, sign+m.Name)
		}
	})
}

// Enroll implements cluster.Node.
func (p *peer) Enroll() {
	p.update(func() {
		for _, m := range p.users {
			m.Again = true
			p.Move(m)
		}
	})
}

// comes and goes say that a user has come to the node, or left it.
func (p *peer) comes(n byte) {
	m := cluster.Move{User: user(n).User, Name: fmt.Sprint("user ", n), Here: true}
	p.update(func() { p.users = append(p.users, m) })
	p.Move(m)
}

func (p *peer) goes(n byte) {
	m := cluster.Move{User: user(n).User, Name: fmt.Sprint("user ", n)}
	p.update(func() {
		p.users = slices.DeleteFunc(p.users, func(one cluster.Move) bool { return one.User == m.User })
	})
	p.Move(m)
}

// Noticed implements cluster.Node.
func (p *peer) Noticed(texts [][]byte) {
	p.update(func() {
		for _, text := range texts {
			p.noticed = append(p.noticed, string(text))
		}
	})
}

// Describe implements cluster.Node.
func (p *peer) Describe() cluster.Info { return cluster.Info{Name: p.t.Name(), Users: 7} }

// await waits for a condition of the records.
func (p *peer) await(what string, ok func() bool) { p.t.Helper(); p.awaitFor(patience, what, ok) }

func (p *peer) awaitFor(within time.Duration, what string, ok func() bool) {
	p.t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(within); ; <-ticker.C {
		p.mu.Lock()
		done := ok()
		p.mu.Unlock()
		if done {
			return
		}
		if time.Now().After(deadline) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.t.Fatalf("no %s within %v: state %v, %d messages, %d joined, %d settled, states %v, figures %+v",
				what, within, p.Bus.State(), len(p.got), len(p.joined), len(p.settled), p.states, p.Figures())
		}
	}
}

// say publishes a text, with a Ref.
func (p *peer) say(to cluster.Channel, text string) {
	p.t.Helper()
	if !p.Publish(cluster.Message{To: to, JSON: []byte(text), Ref: text}) {
		p.t.Fatal("the bus refuses a message")
	}
}

// outcome waits for the outcome of a message.
func (p *peer) outcome(ref any) (o cluster.Outcome) {
	p.t.Helper()
	p.await(fmt.Sprint("outcome of ", ref), func() bool {
		for _, s := range p.settled {
			if s.Ref == ref {
				o = s
				return true
			}
		}
		return false
	})
	return o
}

// texts returns the texts that the node got.
func (p *peer) texts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.textsLocked()
}

func (p *peer) textsLocked() []string {
	list := make([]string, len(p.got))
	for i, g := range p.got {
		list[i] = g.json
	}
	return list
}

func (p *peer) awaitTexts(n int) []string {
	p.t.Helper()
	p.await(fmt.Sprint(n, " messages"), func() bool { return len(p.got) >= n })
	return p.texts()
}

var broadcast = cluster.Channel{Kind: cluster.Broadcast}

// user returns the channel of a user's direct messages.
func user(n byte) cluster.Channel { return cluster.DirectOf(uuid.UUID{15: n + 1}) }
