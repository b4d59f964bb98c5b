package presence

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"momentum/protocol"
)

// Publish sends a message of the server's own to all users but one (the zero UUID: to all), or returns false and sends
// it to nobody.
type Publish func(kind protocol.MessageType, data []byte, except uuid.UUID) bool

// Announcer informs users of arrivals and departures. Up to OnlineEach users online, and OnlineEach times an interval, each
// arrival and departure is a message of its own. Above that, one message each interval says how many there were and
// names a few.
type Announcer struct {
	hub     *Hub
	publish Publish
	online  func() int                       // users online, as messages state it
	spread  float64                          // see Join
	move    func(p Person, here, again bool) // nil: what happens in the hub is announced here

	// The mutex is held from the moment a departure is taken from the hub until it is announced, so an arrival of the
	// same user, which cannot arrive before, is announced after it.
	guard
	joined    Tally
	left      Tally
	each      int           // messages of their own in this interval
	announced time.Duration // when the interval began
}

// NewAnnouncer makes an announcer of what happens in a hub.
func NewAnnouncer(h *Hub, p Publish) *Announcer {
	return &Announcer{hub: h, publish: p, online: h.Online}
}

// Arrived announces a user for whom Join has reported an arrival.
func (a *Announcer) Arrived(p Person) {
	a.Lock()
	defer a.Unlock()
	a.arrived(p)
}

func (a *Announcer) arrived(p Person) {
	if a.move != nil {
		a.move(p, true, false)
		return
	}
	a.announce(protocol.UserJoined, p, &a.joined)
}

func (a *Announcer) departed(p Person) {
	if a.move != nil {
		a.move(p, false, false)
		return
	}
	a.announce(protocol.UserLeft, p, &a.left)
}

// announce publishes one arrival or departure, or counts it in the next summary. While a summary is pending, all later
// changes go into it, so that their order holds. The mutex is held.
func (a *Announcer) announce(kind protocol.MessageType, p Person, summary *Tally) {
	a.look(1)
	alone := a.joined.Count+a.left.Count == 0 && a.each < OnlineEach && a.online() <= OnlineEach
	if alone && a.publish(kind, appendPerson(nil, p), p.ID) {
		a.each++
		return
	}
	summary.Add(p)
}

// Tick announces the users that have left by now, forgets entries whose time is over, and publishes the summary when one is
// due. One goroutine calls it.
func (a *Announcer) Tick(elapsed time.Duration) {
	a.departures(elapsed)
	a.hub.forget(elapsed)
	a.summarize(elapsed)
}

// departures announces users that have left. It looks at a bounded number of each shard's users under one hold of the
// lock; the next tick continues.
func (a *Announcer) departures(elapsed time.Duration) {
	var scratch [entriesAtOnce]Person
	for i := range a.hub.shards {
		a.departuresOf(&a.hub.shards[i], elapsed, scratch[:0])
	}
}

// departuresOf announces up to as many departures from one shard as scratch has room for.
func (a *Announcer) departuresOf(s *shard, elapsed time.Duration, scratch []Person) {
	a.Lock()
	defer a.Unlock()
	for _, p := range s.departures(elapsed, cap(scratch), scratch) {
		a.departed(p)
	}
}

// summarize publishes a summary if one is due and there were changes. Changes that could not be published are part of the
// next summary.
func (a *Announcer) summarize(elapsed time.Duration) {
	a.Lock()
	defer a.Unlock()
	if elapsed-a.announced < a.interval() {
		return
	}
	a.announced, a.each = elapsed, 0
	if a.joined.Count+a.left.Count == 0 {
		return
	}
	if a.publish(protocol.Presence, appendSummary(nil, &a.joined, &a.left, a.online()), uuid.Nil) {
		a.joined, a.left = Tally{}, Tally{}
	}
}

// IntervalOf returns the least time between two summaries if so many users are online.
func IntervalOf(online int) time.Duration { return Interval * time.Duration(1+online/Crowd) }

// appendSummary appends the data of a presence message.
func appendSummary(dst []byte, joined, left *Tally, online int) []byte {
	dst = appendCount(dst, `{"joined":`, joined.Count)
	dst = appendCount(dst, `,"left":`, left.Count)
	dst = appendCount(dst, `,"online":`, online)
	dst = appendPeople(dst, `,"sample":{"joined":[`, joined.Sample)
	dst = appendPeople(dst, `],"left":[`, left.Sample)
	return append(dst, `]}}`...)
}

func appendCount(dst []byte, before string, n int) []byte {
	return strconv.AppendInt(append(dst, before...), int64(n), 10)
}

func appendPeople(dst []byte, before string, people []Person) []byte {
	dst = append(dst, before...)
	for i, p := range people {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPerson(dst, p)
	}
	return dst
}

// appendPerson appends a user as messages about presence name them, which is also the data of user_joined and user_left.
func appendPerson(dst []byte, p Person) []byte {
	dst = append(dst, `{"user_id":`...)
	dst = protocol.AppendUUID(dst, p.ID)
	dst = append(dst, `,"username":`...)
	dst = protocol.AppendString(dst, p.Name)
	return append(dst, '}')
}
