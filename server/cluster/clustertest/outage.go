package clustertest

import (
	"slices"
	"time"

	"momentum/server/cluster"
)

// deafTime is how long a bus that hears nothing takes to find that out.
const deafTime = 3 * time.Second

// Cut cuts the node off. Messages and texts on their way to it are lost, answers are not.
func (b *Bus) Cut() { b.disconnect(cluster.Local) }

// Break cuts the node off while answers are on their way: these are lost, so the outcome of messages is unknown. Later messages wait until
// Pass says that they have waited for long enough.
func (b *Bus) Break() {
	b.disconnect(cluster.Held)
	all := b.upcalls
	b.upcalls = nil
	for _, u := range all {
		if u.lost == nil {
			b.upcalls = append(b.upcalls, u)
		} else {
			u.lost()
		}
	}
}

func (b *Bus) disconnect(s cluster.State) {
	b.cut, b.pushes, b.notes = true, nil, nil
	b.heldFor = 0
	clear(b.in)
	b.change(s, nil)
}

// Away reports whether the node is cut off.
func (b *Bus) Away() bool { return b.cut }

// Heal connects the node again.
func (b *Bus) Heal() { b.attach(cluster.Healthy) }

// Attach connects the node, whose bus has to prove yet that it works: Accept follows.
func (b *Bus) Attach() { b.attach(b.State()) }

func (b *Bus) attach(s cluster.State) {
	b.cut, b.pushes, b.notes = false, nil, nil
	clear(b.in)
	texts := b.engine.notices.at(b.engine.Now())
	b.call(func() { b.node.Noticed(texts) })
	renumbered := b.known != b.engine.epoch
	if !b.engine.Mistakes.StaleEpoch || b.known == 0 {
		b.known = b.engine.epoch
	}
	b.change(s, []cluster.Epoch{b.known})
	b.resend()
	b.enter(renumbered)
}

// Repeat delivers the oldest message on its way once more, as a bus may.
func (b *Bus) Repeat() {
	if len(b.pushes) > 0 {
		b.pushes = slices.Insert(b.pushes, 1, b.pushes[0])
	}
}

// Pass says that time passes: a bus that hears nothing breaks, one that is cut off stops holding messages, leases are renewed and end.
func (e *Engine) Pass(d time.Duration) {
	for _, b := range e.buses {
		if b.Stopped || b.ended {
			continue
		}
		for _, subscribe := range b.subscribing {
			subscribe()
		}
		b.subscribing = nil
		if b.passDeaf(d); b.cut {
			b.passHeld(d)
		}
	}
	e.passLeases(d)
}

func (b *Bus) passDeaf(d time.Duration) {
	if !b.Deaf || b.cut {
		b.deafFor = 0
		return
	}
	if b.deafFor += d; b.deafFor >= deafTime {
		b.Deaf = false
		b.Break()
	}
}
