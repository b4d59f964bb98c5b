package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// How long a fleet takes to heal: connections, leases and departures.
const (
	healTime   = 10 * time.Second
	quietTime  = 12 * time.Second // of a lease that ends, and the grace of departures
	answerTime = 3 * time.Second
)

// rest ends all faults, lets the fleet heal, and compares all clients and nodes with what the bus has.
func (f *fleet) rest() {
	f.calm, f.back = true, 0
	for _, v := range f.nodes {
		v.wakeAt = min(v.wakeAt, f.now)
		v.slow = [4]time.Duration{}
		v.bus.RefuseJoins = 0
	}
	f.wait(healTime)
	f.checkHealth()
	f.wait(quietTime)
	f.checkHealth()
	f.checkRiders() // before others show what is missing
	for _, r := range f.riders {
		if r.live && !f.banned[r.name] {
			r.utter()
			r.utter()
		}
	}
	f.wait(answerTime)
	f.checkRiders()
	f.checkPresence()
	f.audit()
	f.calm = false
}

func (f *fleet) checkRiders() {
	for _, r := range f.riders {
		r.check()
	}
}

func (f *fleet) wait(d time.Duration) {
	for end := f.now + d; f.now < end; {
		f.step()
	}
}

// checkHealth checks that all nodes are healthy.
func (f *fleet) checkHealth() {
	for _, v := range f.nodes {
		if !v.draining && !v.healthy() {
			f.fail(allHeals, "%s is not healthy: %v", v.name, v.bus.State())
		}
	}
}

// check compares the messages of the client with those of the bus, at rest.
func (r *rider) check() {
	f := r.f
	if f.banned[r.name] {
		if r.live {
			f.fail(bannedAreNowhere, "%s is connected to %s", r, r.at.name)
		}
		return
	}
	if !r.live {
		f.fail(allHeals, "%s is not connected, refused last with %q", r, r.refused)
	}
	for _, u := range r.pending {
		f.fail(nobodyWaits, "%s has no acknowledgement of %s", r, u.text)
	}
	for i := range r.places {
		p := &r.places[i]
		if p.epoch != f.epochOf(p) || p.renumbered {
			f.fail(epochsAreApart, "%s has a position of epoch %q in %v, the present one is %q; renumbered: %v", r, p.epoch, p.channel, f.epochOf(p), p.renumbered)
		}
		if want := f.truth.due(p.channel, r.id, p.floor, p.gaps); !slices.Equal(want, p.had) {
			f.fail(resumedIsComplete, "%s has had %v of %v after %d, due was %v", r, p.had, p.channel, p.floor, want)
		}
	}
	for id, seq := range r.acked {
		if n := f.truth.copies(id); n > 1 || n == 0 && seq != 0 && !f.truth.gone(id) {
			f.fail(onceEach, "message %s has %d numbers", id, n)
		}
	}
}

// checkPresence compares the users that the nodes and the clients know with those that are connected.
func (f *fleet) checkPresence() {
	online := map[uuid.UUID]bool{}
	for _, r := range f.riders {
		if r.live {
			online[r.id] = true
		}
	}
	listed := f.engine.Residents()
	if len(listed) != len(online) {
		f.fail(presenceConverges, "%d users are online, and the directory has %d", len(online), len(listed))
	}
	here := map[uuid.UUID]bool{}
	for _, v := range f.nodes {
		if users, _ := v.bus.Online(); users != len(online) {
			f.fail(presenceConverges, "%d users are online, and %s counts %d", len(online), v.name, users)
		}
		_, page := v.server.Online(uuid.Nil, 100)
		for _, u := range page {
			here[u.UserID] = true
		}
	}
	for _, id := range listed {
		if !online[id] || !here[id] {
			f.fail(presenceConverges, "user %v is in the directory; online: %v; listed by a node: %v", id, online[id], here[id])
		}
	}
	for _, r := range f.riders {
		for user, came := range r.told {
			if id := uuid.MustParse(user); came != online[id] && r.live && !f.lost && !f.blurred[id] {
				f.fail(presenceConverges, "%s was told last that %s has come: %v; online: %v", r, user, came, online[id])
			}
		}
	}
}

// audit has the nodes add up their memory.
func (f *fleet) audit() {
	for _, v := range f.nodes {
		verdict := v.server.BeginAudit()
		v.net.Settle()
		if err := verdict(); err != nil {
			f.fail(memoryAddsUp, "%s: %v", v.name, err)
		}
	}
}

// end disconnects all clients, and looks that nobody is left.
func (f *fleet) end() {
	f.calm = true
	for _, r := range f.riders {
		if r.at != nil {
			r.leave(1)
		}
		r.next = f.now + time.Hour
	}
	f.wait(quietTime)
	for _, v := range f.nodes {
		if s := v.server.Stats(); s.TotalConnections+s.Sockets != 0 {
			f.fail(memoryAddsUp, "%s has %d connections and %d sockets, and all clients have left", v.name, s.TotalConnections, s.Sockets)
		}
	}
	if left := f.engine.Residents(); len(left) > 0 {
		f.fail(presenceConverges, "%d users are in the directory, and all have left", len(left))
	}
	f.audit()
	f.note("%s", fmt.Sprint("the end after ", f.spoken, " messages"))
}
