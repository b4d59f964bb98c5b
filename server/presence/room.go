package presence

import (
	"sync/atomic"
	"time"

	"momentum/netpoll"
	"momentum/server/history"
)

// Room knows the users of one topic, with their connections that have subscribed to it, and announces arrivals and departures by
// the rules of the node's presence: it has a hub and an announcer of its own. It exists while a subscriber asks for presence.
// Any goroutine may call it.
//
// Subscriptions that are older than the room are enrolled one by one, without an announcement. Until all are enrolled no
// departure is announced, since the user may have another subscription that is not enrolled yet.
type Room struct {
	hub       *Hub
	announcer *Announcer
	rolls     atomic.Int32 // reactors whose older subscriptions are being enrolled
	closed    atomic.Bool
}

// NewRoom makes an empty room for a topic. publish sends a message to the subscribers that ask for presence.
func NewRoom(publish Publish) *Room {
	hub := newHub(history.Limits{}, 0, 1)
	return &Room{hub: hub, announcer: NewAnnouncer(hub, publish)}
}

// Join adds a new subscription of a user, and announces the user if it is the first.
func (r *Room) Join(p Person, c netpoll.Handle) {
	if r.enroll(p, c) {
		r.announcer.Arrived(p)
	}
}

// Enroll adds a subscription that is older than the room, unless it is there already.
func (r *Room) Enroll(p Person, c netpoll.Handle) { r.enroll(p, c) }

func (r *Room) enroll(p Person, c netpoll.Handle) (arrived bool) {
	if r.hub.Has(p.ID, c) {
		return false
	}
	_, _, arrived = r.hub.Join(p.ID, p.Name, c, time.Time{}, func(*User, *history.Store) {})
	return arrived
}

// Leave removes a subscription, which may be one that is not enrolled yet. A user whose last one it was has left after Grace.
func (r *Room) Leave(p Person, c netpoll.Handle, elapsed time.Duration) {
	r.enroll(p, c)
	var u *User
	r.hub.With(p.ID, func(known *User, _ *history.Store) { u = known })
	r.hub.Leave(u, c, elapsed, 0)
}

// Begin says that a reactor will enroll older subscriptions, and End that it has enrolled all of them.
func (r *Room) Begin() { r.rolls.Add(1) }

// End is explained at Begin.
func (r *Room) End() { r.rolls.Add(-1) }

// Close ends the room, because no subscriber asks for presence any longer.
func (r *Room) Close() { r.closed.Store(true) }

// Closed reports whether Close was called.
func (r *Room) Closed() bool { return r.closed.Load() }

// Online returns how many users have a subscription.
func (r *Room) Online() int { return r.hub.Online() }

// Tick announces the users that have left by now, and publishes a summary when one is due. One goroutine calls it.
func (r *Room) Tick(elapsed time.Duration) {
	if r.rolls.Load() > 0 {
		r.announcer.summarize(elapsed)
		return
	}
	r.announcer.Tick(elapsed)
}
