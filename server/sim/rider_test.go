package sim

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll/netpolltest"
	"momentum/server/auth"
	"momentum/server/cluster"
)

// rider is a client of a fleet: a program that keeps its position, and connects to one node after the other.
type rider struct {
	f          *fleet
	number     int
	name       string
	id         uuid.UUID
	token      string
	at         *vessel
	peer       *netpolltest.Peer
	session    int
	next       time.Duration // when it connects
	dialled    time.Duration
	receivedAt time.Duration // when it had bytes last
	live       bool          // it has had the 101
	leaving    bool
	asking     bool // a request for topics is not answered
	buffer     []byte
	*memory
}

// memory is the part of a rider that outlives its connections.
type memory struct {
	places  []progress
	said    int
	pending []*utterance // that it wants acknowledged
	resent  map[string]bool
	acked   map[string]uint64
	told    map[string]bool // users that it was told of: true for joined, since it was connected
	refused string          // the last refusal
}

// progress is the knowledge of a rider about a channel.
type progress struct {
	channel    cluster.Channel
	name       string // of a topic
	epoch      string // "": it has had no position yet
	last       uint64
	floor      uint64          // after which nothing may be missing
	had        []uint64        // since then
	gaps       []span          // since then
	ids        map[string]bool // likewise
	renumbered bool            // a number has come that is not above the last one: a position has to follow
	senders    map[int]utterer
}

// utterer is the last message of a sender in a channel.
type utterer struct{ session, number int }

// utterance is a message to be acknowledged.
type utterance struct {
	id, text string
	resendAt time.Duration // 0: it is under way
	since    time.Duration
}

// The places of each rider. Topics follow.
const (
	toAll = iota
	toSelf
	firstTopic
)

var fleetTopics = []string{"a", "b"}

func newRider(f *fleet, number int, name string) *rider {
	r := &rider{f: f, number: number, name: name, id: auth.UserID(name), next: f.some(2 * time.Second)}
	r.token = f.fleetToken(name, f.nodes[0].net.Now())
	r.memory = &memory{resent: map[string]bool{}, acked: map[string]uint64{}, told: map[string]bool{}}
	r.places = []progress{{channel: cluster.Channel{}}, {channel: cluster.DirectOf(r.id)}}
	for _, t := range fleetTopics {
		r.places = append(r.places, progress{channel: cluster.TopicOf(t), name: t})
	}
	for i := range r.places {
		r.places[i].senders, r.places[i].ids = map[int]utterer{}, map[string]bool{}
	}
	return r
}

// act does the client's work of a tick.
func (r *rider) act() {
	f := r.f
	if r.at == nil {
		if f.now >= r.next {
			r.dial()
		}
		return
	}
	if f.calm || f.random.IntN(3) > 0 {
		r.read()
	}
	switch {
	case r.at == nil:
	case !r.live && f.now-r.dialled > 8*time.Second, f.now-r.receivedAt > 40*time.Second:
		if r.at.stopped() || f.now-r.at.stood < 10*time.Second {
			r.leave(2)
			return
		}
		f.fail(nobodyWaits, "%s at %s has had nothing for %v; live: %v", r, r.at.name, f.now-max(r.receivedAt, r.dialled), r.live)
	case r.live && !f.calm:
		r.do()
	}
	r.resend()
}

// do is one action of the client's own accord, now and then.
func (r *rider) do() {
	switch n := r.f.random.IntN(600); {
	case n < 40:
		r.utter()
	case n < 44:
		for range 5 {
			r.utter()
		}
	case n < 50:
		r.leave(r.f.random.IntN(3))
	case n < 53 && !r.asking:
		r.asking = true // it subscribes again after the answer
		r.send(`{"id":"u","message_type":"unsubscribe","data":{"topics":["a","b"]}}`)
	}
}

// dial connects to a node, from the position that the client has.
func (r *rider) dial() {
	v := r.f.nodes[r.f.random.IntN(len(r.f.nodes))]
	r.next = r.f.now + r.f.some(time.Second)
	if v.stopped() {
		return // no answer
	}
	r.at, r.peer, r.live, r.leaving, r.buffer = v, v.net.Dial(), false, false, nil
	r.session++
	r.dialled, r.receivedAt = r.f.now, r.f.now
	clear(r.told)
	position := ""
	if p := r.places; p[toAll].epoch != "" {
		position = fmt.Sprintf("%s.%d.%d", p[toAll].epoch, p[toAll].last, p[toSelf].last)
	}
	r.peer.Transmit(request("/ws", r.token+"&resume="+position, ""))
}

// subscribe asks for all topics, from the positions that the client has.
func (r *rider) subscribe() {
	var list []string
	for _, p := range r.places[firstTopic:] {
		one := `{"topic":"` + p.name + `"`
		if p.epoch != "" {
			one += fmt.Sprintf(`,"seq":%d,"epoch":"%s"`, p.last, p.epoch)
		}
		list = append(list, one+"}")
	}
	r.asking = true
	r.send(`{"id":"s","message_type":"subscribe","data":{"topics":[` + strings.Join(list, ",") + `]}}`)
}

// utter sends a message.
func (r *rider) utter() {
	f := r.f
	r.said++
	f.spoken++
	id, to := utteranceID(r.number, r.session, r.said), ""
	switch f.random.IntN(8) {
	case 0, 1:
	case 2, 3:
		to = `,"topic":"` + fleetTopics[f.random.IntN(len(fleetTopics))] + `"`
	default:
		to = fmt.Sprintf(`,"to_user_id":"%s"`, f.riders[f.random.IntN(len(f.riders))].id)
	}
	text := fmt.Sprintf(`{"id":"%s","message_type":"text","data":1%s`, id, to)
	if f.random.IntN(2) == 0 {
		text += `,"ack":true`
		r.pending = append(r.pending, &utterance{id: id, text: text + "}", since: f.now})
	}
	r.send(text + "}")
}

// resend sends messages again that are not acknowledged: with the same id.
func (r *rider) resend() {
	if r.at == nil || !r.live || r.leaving {
		return
	}
	for _, u := range r.pending {
		if u.resendAt > 0 && u.resendAt <= r.f.now {
			u.resendAt = 0
			r.resent[u.id] = true
			r.send(u.text)
		}
	}
}

func (r *rider) send(text string) {
	r.peer.Transmit(appendFrame(nil, finBit|opText, []byte(text), r.f.random))
}

// leave ends the connection in one of the ways there are.
func (r *rider) leave(how int) {
	switch {
	case how == 0:
		r.peer.Transmit(appendFrame(nil, finBit|opClose, closePayload(1000), r.f.random))
		r.leaving = true
		return
	case how == 1 && !r.at.stopped():
		r.peer.Reset()
	default:
		r.peer.HalfClose()
	}
	if r.f.random.IntN(2) == 0 {
		r.read()
	}
	r.part()
}

// part says that the client has no connection any more.
func (r *rider) part() {
	if r.at == nil {
		return
	}
	r.f.note("%s parts from %s", r, r.at.name)
	r.at, r.live = nil, false
	r.f.went[r.id] = r.f.now
	r.next = r.f.now + r.f.some(2*time.Second)
	if r.f.random.IntN(10) == 0 && !r.f.calm {
		r.next += 8 * time.Second
	}
	for _, u := range r.pending {
		u.resendAt = r.next
	}
}

// String returns the client's name.
func (r *rider) String() string { return fmt.Sprintf("rider %d of %s", r.number, r.name) }

// read takes in the bytes that have arrived.
func (r *rider) read() {
	b := r.peer.Received()
	if len(b) > 0 {
		r.receivedAt = r.f.now
	}
	r.buffer = append(r.buffer, b...)
	if !r.live && !r.upgrade() {
		return
	}
	for r.at != nil {
		f, rest, ok := cutFrame(r.buffer)
		if !ok {
			break
		}
		r.buffer = rest
		r.frame(f)
	}
	if r.at != nil && (r.peer.EOF || r.peer.Closed) {
		r.part()
	}
}

// upgrade takes the answer to the request, and reports whether it is a 101.
func (r *rider) upgrade() bool {
	head, rest, whole := bytes.Cut(r.buffer, []byte("\r\n\r\n"))
	if !whole {
		if r.peer.EOF || r.peer.Closed {
			r.part()
		}
		return false
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101")) {
		r.refused = string(r.buffer)
		r.f.note("%s is refused: %.60q", r, rest)
		r.part()
		return false
	}
	r.live, r.buffer = true, rest
	if away := r.f.now - r.f.went[r.id]; away > graceTime-time.Second && away < graceTime+12*time.Second {
		r.f.blurred[r.id] = true
	}
	r.f.note("%s is at %s", r, r.at.name)
	r.subscribe()
	for _, u := range r.pending {
		u.resendAt = r.f.now
	}
	return true
}

func (r *rider) frame(f received) {
	switch f.first {
	case finBit | opText:
		r.receive(f.payload)
	case finBit | opPing:
		r.peer.Transmit(appendFrame(nil, finBit|opPong, f.payload, r.f.random))
	case finBit | opClose:
		r.f.note("%s is closed: %q", r, f.payload)
		r.peer.Transmit(appendFrame(nil, finBit|opClose, f.payload, r.f.random))
		r.part()
	}
}
