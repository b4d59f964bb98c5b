package fanout

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"
)

// The model knows what each member must get, in the order of the posts. After each step it compares that with what the
// member has got, and checks that the lists of the fan-out agree with each other.

// owed is a message that a member must get.
type owed struct {
	text  string
	topic Topic // 0: none
	size  int
}

type modelMember struct {
	*sink
	owed   []owed
	topics []Topic
}

type model struct {
	t       *testing.T
	r       *rand.Rand
	f       *Fanout[*sink]
	members []*modelMember
	left    []*modelMember
	topics  []Topic
	sent    Count
	number  int
	largest int // bytes of a frame
	clock   uint32
}

func TestEachMemberGetsEachFrameOnceInOrder(t *testing.T) {
	for seed := range uint64(150) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, seed))
			m := &model{t: t, r: r, f: testFanout(), largest: []int{40, 3000, 60_000}[r.IntN(3)], clock: 1}
			m.f.order = -uint32(r.IntN(300)) // the numbers wrap around soon
			m.f.renewal.order = m.f.order
			m.play()
		})
	}
}

func (m *model) play() {
	for range 1 + m.r.IntN([]int{12, 100}[m.r.IntN(2)]) {
		m.topics = append(m.topics, m.newTopic(m.r.IntN(4) == 0))
	}
	for range 600 {
		m.step()
		m.check()
	}
	for range 5000 {
		if !m.turn() {
			break
		}
		m.check()
	}
	m.checkRest()
}

func (m *model) newTopic(room bool) Topic {
	if room {
		return m.f.AddRoom()
	}
	return m.f.AddTopic()
}

// step does one random thing.
func (m *model) step() {
	m.clock++
	switch k := m.r.IntN(24); {
	case k < 3 && len(m.members) < 300:
		m.join()
	case len(m.members) == 0:
	case k == 3 && m.r.IntN(2) == 0:
		m.leave(m.leaving())
	case k < 8:
		s := m.member()
		for range 1 + m.r.IntN(len(m.topics)) {
			m.subscribe(s, m.topic())
		}
	case k == 8:
		m.unsubscribe()
	case k < 11:
		m.broadcast()
	case k < 15:
		m.publish()
	case k < 18:
		m.deliver()
	case k == 18:
		m.replaceTopic()
	default:
		m.turn()
	}
}

func (m *model) member() *modelMember { return m.members[m.r.IntN(len(m.members))] }
func (m *model) topic() Topic         { return m.topics[m.r.IntN(len(m.topics))] }

// frame makes a frame, and perhaps its compressed form.
func (m *model) frame() (frame, compressed []byte) {
	m.number++
	frame = framed(m.number, 8+m.r.IntN(m.largest))
	if m.r.IntN(2) == 0 {
		compressed = framed(m.number, max(8, len(frame)/2))
	}
	return frame, compressed
}

func (m *model) join() {
	s := &modelMember{sink: &sink{user: user(m.r.IntN(8)), compressed: m.r.IntN(3) == 0}}
	m.f.Join(s.sink)
	m.members = append(m.members, s)
}

// leaving chooses a member, and often one that is due for a visit.
func (m *model) leaving() int {
	if i := slices.IndexFunc(m.members, func(s *modelMember) bool { return s.member.queue != 0 }); i >= 0 && m.r.IntN(2) == 0 {
		return i
	}
	return m.r.IntN(len(m.members))
}

func (m *model) leave(i int) {
	s := m.members[i]
	if m.r.IntN(2) == 0 {
		had := m.sent.Messages
		s.Send(m.f.Rest(s.sink, &m.sent), int(m.sent.Messages-had))
		m.compare(s)
	}
	m.f.Leave(s.sink)
	s.owed = s.owed[:len(s.got)]
	m.members = slices.Delete(m.members, i, i+1)
	m.left = append(m.left, s)
}

func (m *model) subscribe(s *modelMember, topic Topic) {
	if !slices.Contains(s.topics, topic) && m.r.IntN(2) == 0 {
		m.deliverMissed(s, topic)
	}
	if is, done := slices.Contains(s.topics, topic), m.f.Subscribe(s.sink, topic); is == done {
		m.t.Fatalf("a subscription by a subscriber (%v) succeeds: %v", is, done)
	} else if done {
		s.topics = append(s.topics, topic)
	}
}

func (m *model) unsubscribe() {
	s, topic := m.member(), m.topic()
	if is, done := slices.Contains(s.topics, topic), m.f.Unsubscribe(s.sink, topic); is != done {
		m.t.Fatalf("the end of a subscription (%v) succeeds: %v", is, done)
	}
	m.forget(s, topic)
}

// forget removes what is pending through a topic, which is no longer for the member.
func (m *model) forget(s *modelMember, topic Topic) {
	s.topics = slices.DeleteFunc(s.topics, func(t Topic) bool { return t == topic })
	pending := slices.DeleteFunc(slices.Clone(s.owed[len(s.got):]), func(o owed) bool { return o.topic == topic })
	s.owed = append(s.owed[:len(s.got):len(s.got)], pending...)
}

// replaceTopic ends all subscriptions of a topic and makes another one, or a room, with the same number.
func (m *model) replaceTopic() {
	i := m.r.IntN(len(m.topics))
	topic := m.topics[i]
	for _, s := range m.members {
		if m.f.Subscribed(s.sink, topic) {
			m.f.Unsubscribe(s.sink, topic)
			m.forget(s, topic)
		}
	}
	m.f.RemoveTopic(topic)
	m.topics[i] = m.newTopic(m.r.IntN(4) == 0)
}

func (m *model) broadcast() {
	frame, compressed := m.frame()
	from := user(m.r.IntN(8))
	m.f.Add(frame, compressed, from, m.clock)
	m.owe(frame, 0, from)
}

func (m *model) publish() {
	frame, compressed := m.frame()
	from, topic := user(m.r.IntN(8)), m.topic()
	m.f.AddTo(topic, frame, compressed, from, m.clock)
	m.owe(frame, topic, from)
}

func (m *model) owe(frame []byte, topic Topic, from uuid.UUID) {
	for _, s := range m.members {
		if s.user != from && (topic == 0 || slices.Contains(s.topics, topic)) {
			s.owed = append(s.owed, owed{string(frame[4:8]), topic, len(frame)})
		}
	}
}

func (m *model) deliver() {
	s := m.member()
	frame, _ := m.frame()
	m.f.Deliver(s.sink, frame, &m.sent)
	s.owed = append(s.owed, owed{string(frame[4:8]), 0, len(frame)})
}

// deliverMissed delivers messages of a topic to a member that is about to subscribe.
func (m *model) deliverMissed(s *modelMember, topic Topic) {
	var frames []byte
	n := 1 + m.r.IntN(3)
	for range n {
		m.number++
		frame := framed(m.number, 8+m.r.IntN(max(1, m.largest/3-8)))
		frames = append(frames, frame...)
		s.owed = append(s.owed, owed{string(frame[4:8]), topic, len(frame)})
	}
	m.f.DeliverMissed(s.sink, topic, frames, n, &m.sent)
}

// turn fails if a member gets more than a segment and a message, or more than one write.
func (m *model) turn() (more bool) {
	if m.r.IntN(8) == 0 && len(m.members) > 0 {
		m.f.Hurry(m.member().sink)
	}
	for _, s := range m.members {
		s.turn, s.writes = 0, 0
	}
	more = m.f.Advance(1+m.r.IntN(64), 0, &m.sent)
	for i, s := range m.members {
		if s.turn > SegmentBytes+m.largest+8 || s.writes > 1 {
			m.t.Fatalf("member %d got %d bytes in %d writes in one turn", i, s.turn, s.writes)
		}
	}
	return more
}

// check fails if a member has got what it was not owed, or the fan-out contradicts itself.
func (m *model) check() {
	m.t.Helper()
	for _, s := range m.members {
		m.compare(s)
	}
	if err := m.f.inconsistency(); err != nil {
		m.t.Fatal(err)
	}
}

func (m *model) compare(s *modelMember) {
	m.t.Helper()
	if s.overflowed {
		m.t.Fatal("a member overflowed")
	}
	if s.messages != len(s.got) {
		m.t.Fatalf("a member got %d messages, and the writes were said to have %d", len(s.got), s.messages)
	}
	pending := 0
	for i := range max(len(s.owed), len(s.got)) {
		switch {
		case i >= len(s.got):
			pending += s.owed[i].size
		case i >= len(s.owed) || s.owed[i].text != s.got[i]:
			m.t.Fatalf("message %d of a member is %d of %d posts, owed are %d", i, binary.BigEndian.Uint32([]byte(s.got[i])), m.number, len(s.owed))
		}
	}
	if pending > SegmentBytes && m.f.Owed(s.sink) <= SegmentBytes {
		m.t.Fatalf("%d bytes are pending for a member that is not said to lag", pending)
	}
}

// checkRest fails if something is left when there is no more to do.
func (m *model) checkRest() {
	got := uint64(0)
	for _, s := range append(m.left, m.members...) {
		if got += uint64(len(s.got)); len(s.got) != len(s.owed) {
			m.t.Fatalf("a member got %d messages of %d", len(s.got), len(s.owed))
		}
	}
	if got != m.sent.Messages {
		m.t.Errorf("%d deliveries are counted as %d", got, m.sent.Messages)
	}
	f := m.f
	if w := f.Waiting(); w != (Waits{}) {
		m.t.Errorf("%+v when all is sent", w)
	}
	if len(f.visits) != 0 || f.due.len() != 0 || f.pending != 0 || f.everybody.head != nil {
		m.t.Errorf("%d visits and %d topics are due, %d topics and %v have messages when all is sent", len(f.visits), f.due.len(), f.pending, f.everybody)
	}
	for _, s := range slices.Clone(m.members) {
		m.f.Leave(s.sink)
	}
	if f.subscriptions.used != 0 || f.topics.used != len(m.topics) {
		m.t.Errorf("%d subscriptions and %d of %d topics are left without members", f.subscriptions.used, f.topics.used, len(m.topics))
	}
}

// inconsistency finds lists of the fan-out that do not agree.
func (f *Fanout[S]) inconsistency() error {
	a := fanoutAudit[S]{f: f, late: make(map[Topic]int32)}
	for _, q := range f.queues {
		for _, t := range q.late {
			a.late[Topic(t.index())]++
		}
	}
	a.log(0, &f.everybody, len(f.members), func(i int) (S, uint32) { return f.members[i], f.members[i].Member().order })
	for t := Topic(1); t <= Topic(f.topics.top); t++ {
		p := f.topics.at(t.index())
		a.log(t, &p.log, len(p.members), func(i int) (S, uint32) { return p.members[i].member, p.members[i].since })
		if a.subscriptions += len(p.members); p.head != nil {
			a.pending++
		}
	}
	a.dueTopics()
	a.ages()
	if f.waiting.bytes != a.waiting || f.pending != a.pending || f.subscriptions.used != a.subscriptions {
		a.fault("%d bytes wait, counted %d; topics with messages %d, counted %d; %d subscriptions of %d",
			a.waiting, f.waiting.bytes, a.pending, f.pending, a.subscriptions, f.subscriptions.used)
	}
	return errors.Join(a.faults...)
}

type fanoutAudit[S Sink] struct {
	f                               *Fanout[S]
	late                            map[Topic]int32
	waiting, pending, subscriptions int
	faults                          []error
}

func (a *fanoutAudit[S]) fault(format string, args ...any) {
	a.faults = append(a.faults, fmt.Errorf(format, args...))
}

// log checks one log: the members before the cursor have got the first segment, or are left to their visit.
func (a *fanoutAudit[S]) log(t Topic, l *log, members int, member func(i int) (S, uint32)) {
	if l.late != a.late[t] || int(l.cursor) > members || (l.head == nil) != (l.tail == nil) || l.passing && l.head == nil {
		a.fault("topic %d: %+v, %d are late of %d", t, *l, a.late[t], members)
	}
	for i := range int(l.cursor) {
		s, since := member(i)
		q := s.Member().queue
		late := q != 0 && slices.ContainsFunc(a.f.queues[q-1].late, func(l Topic) bool { return Topic(l.index()) == t })
		if before(later(s.Member().order, since), l.head.last) && !late {
			a.fault("topic %d: a member before the cursor has not got the segment", t)
		}
	}
	for g := l.head; g != nil; g = g.next {
		if !l.passing || g != l.head {
			a.waiting += len(g.bytes)
		}
	}
	if t != 0 && l.head != nil && !l.due {
		a.fault("topic %d has messages and is not due", t)
	}
}

func (a *fanoutAudit[S]) dueTopics() {
	listed := make(map[Topic]bool)
	for _, t := range a.f.due.items[a.f.due.first:] {
		if p := a.f.topics.at(t.index()); listed[t] || !p.due {
			a.fault("topic %d is listed twice, or not marked as due: %+v", t, p.log)
		}
		listed[t] = true
	}
}

func (a *fanoutAudit[S]) ages() {
	bytes, since := 0, uint32(0)
	for g := a.f.waiting.oldest; g != nil; g = g.newer {
		if bytes += len(g.bytes); g.posted < since || g.posted == 0 {
			a.fault("a segment of %d waits after one of %d", g.posted, since)
		}
		since = g.posted
	}
	if bytes != a.waiting {
		a.fault("%d bytes wait, listed are %d", a.waiting, bytes)
	}
}
