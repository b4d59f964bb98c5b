package server

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"momentum/protocol"
)

// presence tells users who comes and goes. Up to onlineEach users online, and onlineEach changes an interval,
// each arrival and departure is a message of its own; beyond, one message now and then
// (see presenceInterval) says how many there were, and names a few.
type presence struct {
	server *Server

	mu       sync.Mutex
	away     []departure // in order of their time: the grace period is the same for all
	joined   tally
	left     tally
	each     int // told one by one since the last interval began
	toldLast time.Time
}

// departure is a user whose last connection has gone, and who may yet be back.
type departure struct {
	user *user
	left int64 // Unix milliseconds, as the hub has it
}

type person struct {
	id   uuid.UUID
	name string
}

// tally counts arrivals or departures that are to be told together.
type tally struct {
	count  int
	sample []person
}

func (t *tally) add(p person) {
	t.count++
	if len(t.sample) < presenceSample {
		t.sample = append(t.sample, p)
	}
}

// arrived tells of a user's first connection. Any reactor calls it.
func (p *presence) arrived(who person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tell(protocol.UserJoined, who, &p.joined)
}

// departed notes that a user's last connection has gone. Any reactor calls it.
func (p *presence) departed(u *user, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = append(p.away, departure{u, now.UnixMilli()})
}

// tell posts one arrival or departure, or adds it to what the next summary says, behind what that says already.
// p.mu is held, so that what happens to one user is told in its order.
func (p *presence) tell(what protocol.MessageType, who person, summary *tally) {
	untold := p.joined.count+p.left.count > 0
	if untold || p.server.hub.online.Load() > onlineEach || p.each >= onlineEach {
		summary.add(who)
		return
	}
	p.each++
	if !p.server.announce(what, appendPerson(nil, who), who.id) {
		summary.add(who)
	}
}

// tick is called by the ticker: it finds those who are not coming back, and tells the summary when it is time.
func (p *presence) tick(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		d, ok := p.nextGone(now)
		if !ok {
			break
		}
		if p.server.hub.expire(d.user, d.left) {
			p.tell(protocol.UserLeft, person{d.user.id, d.user.name}, &p.left)
		}
	}
	if data := p.summary(now); data != nil && p.server.announce(protocol.Presence, data, uuid.Nil) {
		p.joined, p.left = tally{}, tally{}
	}
}

func (p *presence) nextGone(now time.Time) (d departure, ok bool) {
	if len(p.away) == 0 || now.UnixMilli()-p.away[0].left < presenceGrace.Milliseconds() {
		return d, false
	}
	d, p.away = p.away[0], p.away[1:]
	if len(p.away) == 0 {
		p.away = nil
	}
	return d, true
}

// summary returns the data of a presence message, or nil when there is nothing to tell or it is too soon.
func (p *presence) summary(now time.Time) []byte {
	if now.Sub(p.toldLast) < presenceInterval*time.Duration(1+p.server.hub.online.Load()/presenceCrowd) {
		return nil
	}
	p.toldLast, p.each = now, 0
	if p.joined.count+p.left.count == 0 {
		return nil
	}
	data := appendCount(nil, `{"joined":`, p.joined.count)
	data = appendCount(data, `,"left":`, p.left.count)
	data = appendCount(data, `,"online":`, int(p.server.hub.online.Load()))
	data = appendPeople(data, `,"sample":{"joined":[`, p.joined.sample)
	data = appendPeople(data, `],"left":[`, p.left.sample)
	return append(data, `]}}`...)
}

func appendPeople(dst []byte, before string, people []person) []byte {
	dst = append(dst, before...)
	for i, p := range people {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPerson(dst, p)
	}
	return dst
}

func appendPerson(dst []byte, p person) []byte {
	dst = append(dst, `{"user_id":`...)
	dst = protocol.AppendUUID(dst, p.id)
	dst = append(dst, `,"username":`...)
	dst = protocol.AppendString(dst, p.name)
	return append(dst, '}')
}

// announce posts a message of the server's own to everybody but one user.
func (s *Server) announce(what protocol.MessageType, data []byte, but uuid.UUID) bool {
	p := publisher{server: s}
	_, err := p.publish(everybodyBut(but), protocol.Outgoing{Type: what, Data: data}, s.options.Now(), s.group.Moment())
	return err == nil
}
