package clustertest

import (
	"maps"
	"slices"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// resident is a user that is online: the name, and the nodes.
type resident struct {
	name  string
	buses []*Bus
}

// Move says that a user has come or gone (see cluster.Bus). A node that is cut off says so later.
func (b *Bus) Move(m cluster.Move) { b.command(func() { b.move(m) }) }

func (b *Bus) move(m cluster.Move) {
	if b.cut {
		b.later = append(b.later, m)
		return
	}
	if b.engine.move(b, m) {
		b.upcalls = append(b.upcalls, func() { b.node.Moved([]cluster.Move{m}) })
	}
}

// move reports whether a user has come to the cluster or left it.
func (e *Engine) move(b *Bus, m cluster.Move) (changed bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.residents[m.User]
	there := slices.Contains(r.buses, b)
	r.buses = slices.DeleteFunc(slices.Clone(r.buses), func(one *Bus) bool { return one == b })
	others := len(r.buses)
	if m.Here {
		r.name, r.buses = m.Name, append(r.buses, b)
		e.residents[m.User] = r
		return others == 0 && !there
	}
	e.residents[m.User] = r
	if others == 0 {
		delete(e.residents, m.User)
	}
	return others == 0
}

// Online counts the users (see cluster.Bus).
func (b *Bus) Online() (users, doubles int) {
	b.engine.mu.Lock()
	defer b.engine.mu.Unlock()
	for _, r := range b.engine.residents {
		users++
		doubles += len(r.buses) - 1
	}
	return users, doubles
}

// Expire ends the lease of a node that is cut off. Another one sweeps its users.
func (b *Bus) Expire(sweeper *Bus) {
	b.expired = true
	var gone []cluster.Move
	for user, r := range maps.Clone(b.engine.residents) {
		if m := (cluster.Move{User: user, Name: r.name}); slices.Contains(r.buses, b) && b.engine.move(b, m) {
			gone = append(gone, m)
		}
	}
	slices.SortFunc(gone, func(a, b cluster.Move) int { return slices.Compare(a.User[:], b.User[:]) })
	sweeper.upcalls = append(sweeper.upcalls, func() { sweeper.node.Moved(gone) })
}

// catchUp moves the users of a node that is connected again.
func (b *Bus) catchUp() {
	for _, m := range b.later {
		b.move(m)
	}
	b.later = nil
	b.upcalls = append(b.upcalls, b.node.Enroll)
}

type residents map[uuid.UUID]resident
