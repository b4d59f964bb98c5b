package server

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server/cluster"
	"momentum/server/cluster/clustertest"
)

// joinedWorlds are nodes on one bus.
type joinedWorlds struct {
	t      *testing.T
	engine *clustertest.Engine
	nodes  []*world
}

func newCluster(t *testing.T, seed uint64, nodes, kept int) *joinedWorlds {
	c := &joinedWorlds{t: t, engine: clustertest.New(kept)}
	for range nodes {
		c.add(seed)
	}
	c.settle()
	return c
}

// add starts one more node.
func (c *joinedWorlds) add(seed uint64) *world {
	i := len(c.nodes)
	ids := uint64(i) << 32
	c.nodes = append(c.nodes, newWorld(c.t, seed+uint64(i), func(o *Options) {
		o.RateLimit, o.Connect, o.Self.Name = 0, c.engine.Connect, fmt.Sprint("node", i)
		o.NewID = func() (id uuid.UUID) {
			ids++
			id[0] = byte(i)
			id[15], id[14], id[13] = byte(ids), byte(ids>>8), byte(ids>>16)
			return id
		}
	}))
	return c.nodes[i]
}

// settle runs the nodes and the bus until nothing is left to do.
func (c *joinedWorlds) settle() {
	for again := true; again; {
		for _, w := range c.nodes {
			w.net.Settle()
		}
		again = c.engine.Settle()
	}
}

// traveler is a user that connects to one node after the other, and resumes each time.
type traveler struct {
	*joinedWorlds
	name   string
	now    *client
	epoch  string
	last   [4]uint64   // numbers of the last messages: broadcast, direct, and two topics
	floor  [4]uint64   // the numbers after which nothing may be missing
	had    [4][]uint64 // since then
	of     [4]string   // epochs of the topics
	ids    map[string]bool
	losses int
}

func (r *traveler) connect(w *world) {
	r.now = w.dial(r.name)
	position := ""
	if r.epoch != "" {
		position = fmt.Sprintf("%s.%d.%d", r.epoch, r.last[0], r.last[1])
	}
	r.now.Send(upgradeRequest(w.token(r.name) + "&resume=" + position))
	r.subscribe()
}

// subscribe asks for both topics, from the positions that the client has.
func (r *traveler) subscribe() {
	var list []string
	for i := topic0; i < topic0+2; i++ {
		one := fmt.Sprintf(`{"topic":"topic%d"`, i)
		if r.of[i] != "" {
			one += fmt.Sprintf(`,"seq":%d,"epoch":"%s"`, r.last[i], r.of[i])
		}
		list = append(list, one+"}")
	}
	r.now.text(`{"message_type":"subscribe","data":{"topics":[` + strings.Join(list, ",") + `]}}`)
}

// topic0 is the index of the first topic among a traveler's channels.
const topic0 = 2

// channelIndex returns the index of a channel among a traveler's channels.
func channelIndex(topic string, direct bool) (i int) {
	switch {
	case direct:
		return 1
	case topic != "":
		_, _ = fmt.Sscanf(topic, "topic%d", &i)
	}
	return i
}

// read takes in what has arrived.
func (r *traveler) read() {
	r.t.Helper()
	for _, line := range r.now.heard() {
		var m numbered
		if json.Unmarshal([]byte(line), &m) != nil {
			continue // the 101, or the end
		}
		switch m.Type {
		case "welcome", "position":
			r.welcome(m.Data)
		case "subscribed":
			r.subscribed(m.Data)
		case "gap":
			r.gap(m.Data)
		case "text":
			r.message(&m)
		}
	}
}

func (r *traveler) welcome(data []byte) {
	var w struct {
		Epoch, Topic           string
		Broadcast, Direct, Seq uint64
		Resumed                bool
	}
	if err := json.Unmarshal(data, &w); err != nil {
		r.t.Error(err)
	}
	if w.Resumed {
		return
	}
	if w.Topic != "" {
		i := channelIndex(w.Topic, false)
		r.of[i] = w.Epoch
		r.restart(i, w.Seq)
		return
	}
	if r.epoch != "" {
		r.losses++
	}
	r.epoch = w.Epoch
	r.restart(0, w.Broadcast)
	r.restart(1, w.Direct)
}

// restart begins a channel anew after a number: the client was told that it may have missed something.
func (r *traveler) restart(i int, seq uint64) {
	r.last[i], r.floor[i], r.had[i] = seq, seq, nil
	clear(r.ids) // the node may lack what the client has had
}

// subscribed takes the answer to a subscribe message.
func (r *traveler) subscribed(data []byte) {
	var s struct {
		Topics []struct {
			Topic, Epoch, Error string
			Seq                 uint64
			Resumed             bool
		}
	}
	if err := json.Unmarshal(data, &s); err != nil {
		r.t.Error(err)
	}
	for _, p := range s.Topics {
		i := channelIndex(p.Topic, false)
		if p.Error != "" {
			r.t.Errorf("%s is refused %s: %s", r.name, p.Topic, p.Error)
		}
		if !p.Resumed {
			if r.of[i] != "" {
				r.losses++
			}
			r.restart(i, p.Seq)
		}
		r.of[i] = p.Epoch
	}
}

func (r *traveler) gap(data []byte) {
	var g struct {
		Channel, Topic string
		From, To       uint64
	}
	if err := json.Unmarshal(data, &g); err != nil {
		r.t.Error(err)
	}
	i := channelIndex(g.Topic, g.Channel == "direct")
	r.losses++
	r.last[i], r.floor[i], r.had[i] = g.To, g.To, nil
}

func (r *traveler) message(m *numbered) {
	r.t.Helper()
	if m.Seq == 0 {
		return // delivered while the bus was away
	}
	i := channelIndex(m.Topic, m.To != "")
	if m.Seq <= r.last[i] { // clients drop such a message, also one of a new numbering that comes before its position
		r.t.Errorf("%s gets message %s with number %d after %d", r.name, m.ID, m.Seq, r.last[i])
	}
	if r.ids[m.ID] {
		r.t.Errorf("%s gets message %s twice", r.name, m.ID)
	}
	r.ids[m.ID] = true
	r.last[i] = m.Seq
	r.had[i] = append(r.had[i], m.Seq)
}

// check compares what has come since the floor with what the engine has numbered.
func (r *traveler) check() {
	r.t.Helper()
	for i, c := range []cluster.Channel{{}, cluster.DirectOf(userID(r.name)), cluster.TopicOf("topic2"), cluster.TopicOf("topic3")} {
		var want []uint64
		for _, d := range r.engine.Log {
			if d.Channel == c && d.Seq > r.floor[i] && d.But != userID(r.name) {
				want = append(want, d.Seq)
			}
		}
		if !slices.Equal(want, r.had[i]) {
			r.t.Errorf("%s, channel %d, after %d: has had %v, want %v", r.name, i, r.floor[i], r.had[i], want)
		}
	}
}

// TestTravelersGetEverythingOnce has users go from node to node while messages are sent and the bus fails in all its ways. In the end
// each has had every message since the last loss that it was told of.
func TestTravelersGetEverythingOnce(t *testing.T) {
	losses := 0
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		c := newCluster(t, seed, 3, 2+random.IntN(2)*58)
		travelers := make([]*traveler, 4)
		for i := range travelers {
			travelers[i] = &traveler{joinedWorlds: c, name: fmt.Sprint("user", i), ids: make(map[string]bool)}
			travelers[i].connect(c.nodes[random.IntN(len(c.nodes))])
		}
		for step := range 400 {
			c.step(random, travelers, fmt.Sprint(step), seed%4)
		}
		for _, b := range c.engine.Buses() {
			b.Deaf = false
			b.Heal()
		}
		c.settle()
		for _, w := range c.nodes {
			w.net.Advance(time.Second) // losses are told with a tick
		}
		c.settle()
		for _, r := range travelers {
			r.read()
			if r.now.upgraded {
				r.check()
			}
			r.now.HangUp()
			c.settle()
			r.connect(c.nodes[random.IntN(len(c.nodes))])
			c.settle()
			r.read()
			r.check()
			losses += r.losses
		}
		for _, w := range c.nodes {
			if err := w.audit(); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if losses == 0 {
		t.Error("no loss was told in any world")
	}
}

// step does one thing at random. faults is how bad the bus may be.
func (c *joinedWorlds) step(random *rand.Rand, travelers []*traveler, id string, faults uint64) {
	r := travelers[random.IntN(len(travelers))]
	w := c.nodes[random.IntN(len(c.nodes))]
	b := c.engine.Buses()[random.IntN(len(c.nodes))]
	switch random.IntN(17) {
	case 14, 15:
		r.now.text(`{"id":"` + id + `","message_type":"text","topic":"topic` + fmt.Sprint(topic0+random.IntN(2)) + `","data":1}`)
	case 16:
		r.now.text(`{"message_type":"unsubscribe","data":{"topics":["topic2","topic3"]}}`)
		c.settle()
		r.read() // or else what is on its way comes twice
		r.subscribe()
	case 0, 1, 2:
		r.now.text(`{"id":"` + id + `","message_type":"text","data":1}`)
	case 3, 4, 5:
		to := userID(travelers[random.IntN(len(travelers))].name)
		r.now.text(`{"id":"` + id + `","message_type":"text","to_user_id":"` + to.String() + `","data":1}`)
	case 6:
		if random.IntN(2) == 0 {
			r.read()
			r.now.HangUp()
			r.connect(w)
		}
	case 7, 8:
		w.net.Settle()
	case 9:
		for _, r := range travelers {
			r.read()
		}
	case 10:
		b.StepCommand()
	case 11:
		b.StepUpcall()
	case 12:
		b.StepPush()
	case 13:
		c.fail(random, b, faults)
	}
	if random.IntN(8) == 0 {
		c.settle()
	}
}

// fail makes the bus fail.
func (c *joinedWorlds) fail(random *rand.Rand, b *clustertest.Bus, faults uint64) {
	switch n := random.IntN(10); {
	case faults == 0:
	case n < 3:
		b.Cut()
	case n < 6:
		b.Deaf = false
		b.Heal()
	case n == 6 && faults > 1:
		b.Deaf = true
	case n == 7 && faults > 2:
		c.engine.Lose(random.IntN(3))
	}
}
