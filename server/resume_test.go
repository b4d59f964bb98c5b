package server

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"momentum/internal/serial"
)

// numbered is a message as a client that resumes reads it.
type numbered struct {
	ID    string          `json:"id"`
	Type  string          `json:"message_type"`
	Seq   uint64          `json:"seq"`
	To    string          `json:"to_user_id"`
	Topic string          `json:"topic"`
	Data  json.RawMessage `json:"data"`
}

// welcomed is the data of a welcome.
type welcomed struct {
	Resumed           bool
	Reason            string
	Missed            int
	Broadcast, Direct uint64
}

// returning is a user whose connections are cut again and again, and resumes each time.
type returning struct {
	*world
	name              string
	now               *client
	broadcast, direct uint64   // the position
	had               []string // ids of the messages, in the order in which they came
	missed            int      // messages that the last welcome announced and that have not come
	gaps              int
	lost              uint64 // messages in the gaps
}

func (r *returning) connect() {
	r.now = r.dial(r.name)
	position := fmt.Sprintf("%s.%d.%d", r.server.epoch, r.broadcast, r.direct)
	r.now.Send(upgradeRequest(r.token(r.name) + "&resume=" + position))
	r.missed = 0
}

// read takes in what has arrived.
func (r *returning) read() {
	r.t.Helper()
	for _, line := range r.now.received() {
		var m numbered
		if json.Unmarshal([]byte(line), &m) != nil {
			continue // the 101, or the end
		}
		switch {
		case m.Type == "welcome":
			r.welcome(m.Data)
		case m.Type == "gap":
			r.gap(m.Data)
		case m.Seq == 0:
		case m.To == "" && m.Seq <= r.broadcast, m.To != "" && m.Seq <= r.direct:
			r.t.Errorf("%s gets message %s with number %d after %d and %d", r.name, m.ID, m.Seq, r.broadcast, r.direct)
		case m.To == "":
			r.broadcast, r.had, r.missed = m.Seq, append(r.had, m.ID), r.missed-1
		default:
			r.direct, r.had, r.missed = m.Seq, append(r.had, m.ID), r.missed-1
		}
	}
}

func (r *returning) welcome(data []byte) {
	r.t.Helper()
	var w welcomed
	if err := json.Unmarshal(data, &w); err != nil || !w.Resumed {
		r.t.Errorf("%s from %d and %d: not resumed, %s (%v)", r.name, r.broadcast, r.direct, w.Reason, err)
	}
	if w.Broadcast < r.broadcast || w.Direct < r.direct || w.Broadcast-r.broadcast+w.Direct-r.direct != uint64(w.Missed) {
		r.t.Errorf("%s from %d and %d has missed all messages after these up to the numbers in %s", r.name, r.broadcast, r.direct, data)
	}
	r.missed = w.Missed
}

// gap takes in a gap as PROTOCOL.md says. It begins after the last message that has come.
func (r *returning) gap(data []byte) {
	r.t.Helper()
	var g struct {
		Channel  string
		From, To uint64
	}
	if err := json.Unmarshal(data, &g); err != nil || g.Channel != "broadcast" || g.From != r.broadcast+1 || g.To < g.From {
		r.t.Errorf("%s gets the gap %s after %d (%v)", r.name, data, r.broadcast, err)
	}
	r.gaps++
	r.lost += g.To - g.From + 1
	r.broadcast = g.To
}

// TestClientsThatFlapGetEverythingOnce cuts clients off at any moment while messages are sent. After the last return each has
// had every message for it once, those of each channel in order.
func TestClientsThatFlapGetEverythingOnce(t *testing.T) {
	serial.Test(t)
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(t, seed, func(o *Options) { o.RateLimit, o.Reactors = 0, 1+random.IntN(3) })
		clients := make([]*returning, 4)
		for i := range clients {
			clients[i] = &returning{world: w, name: fmt.Sprint("user", i)}
			clients[i].connect()
		}
		w.net.Settle()
		for step := range 300 {
			w.flap(random, clients, fmt.Sprint(step))
		}
		w.net.Settle()
		for _, r := range clients {
			r.read()
			if !r.now.upgraded {
				r.now.HangUp()
			}
			r.now.HangUp()
			r.connect()
			w.net.Settle()
			r.read()
			if r.missed != 0 {
				t.Errorf("seed %d: %s: %d messages that the welcome announced have not come", seed, r.name, r.missed)
			}
		}
		w.checkEverythingCame(seed, clients)
		if err := w.audit(); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		if t.Failed() {
			return
		}
	}
}

// flap does one thing at random: it cuts a client off, lets the node work, has a client read, or sends a message.
func (w *world) flap(random *rand.Rand, clients []*returning, id string) {
	r := clients[random.IntN(len(clients))]
	switch random.IntN(8) {
	case 0, 1:
		r.now.HangUp()
		r.connect()
	case 2:
		w.net.Settle()
	case 3, 4:
		r.read()
	default:
		data := json.RawMessage(`"` + id + `"`)
		if j := random.IntN(2 * len(clients)); j < len(clients) {
			_, _ = w.server.Send(userID(clients[j].name), "text", data)
		} else {
			_, _ = w.server.Broadcast("text", data)
		}
	}
}

// checkEverythingCame compares how many messages each client has had with the last numbers of its channels.
func (w *world) checkEverythingCame(seed uint64, clients []*returning) {
	w.t.Helper()
	for _, r := range clients {
		if r.broadcast != w.server.broadcast.channel.Seq() {
			w.t.Errorf("seed %d: %s has had broadcasts up to %d of %d", seed, r.name, r.broadcast, w.server.broadcast.channel.Seq())
		}
		if n := uint64(len(r.had)); n != r.broadcast+r.direct {
			w.t.Errorf("seed %d: %s has had %d messages, and its position is %d and %d", seed, r.name, n, r.broadcast, r.direct)
		}
		if sorted := slices.Sorted(slices.Values(r.had)); len(slices.Compact(sorted)) != len(r.had) {
			w.t.Errorf("seed %d: %s has had a message twice", seed, r.name)
		}
	}
}

// TestAPositionAheadOfTheReactorWaits resumes on a reactor that has not applied the client's last broadcast yet.
func TestAPositionAheadOfTheReactorWaits(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	bob := &returning{world: w, name: "bob", broadcast: 1}
	bob.connect()
	if _, err := w.server.Broadcast("text", json.RawMessage("1")); err != nil { // posted, and applied in the same turn as the request
		t.Fatal(err)
	}
	w.net.Settle()
	bob.read()
	if len(bob.had) > 0 || bob.missed != 0 {
		t.Errorf("bob has had the broadcast, and gets %q", bob.had)
	}
	if got := w.server.counters[0].Resumes[0].Load(); got != 1 {
		t.Errorf("%d handshakes were resumed", got)
	}
}
