package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

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
	c.engine.Now = c.nodes[0].net.Now
	return c.nodes[i]
}

// settle runs the nodes and the bus until nothing is left to do. It waits for the surveys that goroutines make: so each answer has the time of the event
// that it follows from.
func (c *joinedWorlds) settle() {
	for again := true; again; {
		for _, w := range c.nodes {
			w.net.Settle()
		}
		again = c.engine.Settle() || slices.ContainsFunc(c.nodes, (*world).surveys)
	}
}

// surveys reports whether a reactor waits for the answer to a question that it has put to other nodes.
func (w *world) surveys() bool {
	return slices.ContainsFunc(w.shards(), func(sh *shard) bool { return sh.surveys.underWay })
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
	for _, line := range r.now.received() {
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
