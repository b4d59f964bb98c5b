package presence

import (
	"time"

	"github.com/google/uuid"

	"momentum/protocol"
)

// Changes are arrivals and departures in a cluster, as nodes send them to each other.
type Changes struct {
	Each   []Change `json:"each,omitempty"` // in order
	Joined Tally    `json:"joined"`         // besides
	Left   Tally    `json:"left"`
}

// Change is an arrival or a departure.
type Change struct {
	Person
	Here bool `json:"here"`
}

// Tally counts arrivals or departures, and names a few.
type Tally struct {
	Count  int      `json:"count,omitempty"`
	Sample []Person `json:"sample,omitempty"`
}

// Add counts one.
func (t *Tally) Add(p Person) {
	t.Count++
	if len(t.Sample) < Sample {
		t.Sample = append(t.Sample, p)
	}
}

// addAll adds the counts and names of another tally.
func (t *Tally) addAll(other *Tally) {
	t.Count += other.Count
	t.Sample = append(t.Sample, other.Sample[:min(len(other.Sample), Sample-len(t.Sample))]...)
}

// Join connects the announcer with a cluster. It calls move for each arrival and departure in its hub, in order; Changed takes the
// arrivals and departures of the whole cluster. move must not wait. online returns how many users are online in the cluster. spread,
// from 0 to 1, makes this node wait longer between summaries than others, so that nodes do not send them together. Join must be called
// before all other methods.
func (a *Announcer) Join(online func() int, spread float64, move func(p Person, here, again bool)) {
	a.online, a.spread, a.move = online, spread, move
}

// interval returns the time from one summary to the next.
func (a *Announcer) interval() time.Duration {
	least := IntervalOf(a.online())
	return least + time.Duration(a.spread*float64(least-Interval))
}

// Changed announces what has happened in the cluster.
func (a *Announcer) Changed(c *Changes) {
	a.Lock()
	defer a.Unlock()
	for _, one := range c.Each {
		if one.Here {
			a.announce(protocol.UserJoined, one.Person, &a.joined)
		} else {
			a.announce(protocol.UserLeft, one.Person, &a.left)
		}
	}
	a.joined.addAll(&c.Joined)
	a.left.addAll(&c.Left)
}

// Online returns how many users are online, as users are told.
func (a *Announcer) Online() int { return a.online() }

// Enroll calls move, with again set, for all users that have not left.
func (a *Announcer) Enroll() {
	for i := range a.hub.shards {
		var after uuid.UUID
		for more := true; more; {
			more = a.enrollSome(&a.hub.shards[i], &after)
		}
	}
}

// enrollSome moves some users of a shard. No departure can come between the look and the move.
func (a *Announcer) enrollSome(s *shard, after *uuid.UUID) (more bool) {
	a.Lock()
	defer a.Unlock()
	var scratch [entriesAtOnce]Person
	people := scratch[:0]
	*after, more = s.visit(*after, len(scratch), func(u *User) { people = append(people, Person{u.ID, u.name}) })
	a.look(len(people))
	for _, p := range people {
		a.move(p, true, true)
	}
	return more
}
