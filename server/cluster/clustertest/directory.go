package clustertest

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// resident is a user that is online: the name, and the numbers of the nodes.
type resident struct {
	name    string
	numbers []int
}

// residents is the directory of users.
type residents map[uuid.UUID]resident

// undo is how many moves a replica may lack.
const undo = 8

// moved is the entry that a move has replaced, so that the move can be lost.
type moved struct {
	user   uuid.UUID
	before resident
}

// Move says that a user has come or gone (see cluster.Bus). A node that is cut off says so later.
func (b *Bus) Move(m cluster.Move) { b.command(func() { b.move(m) }) }

func (b *Bus) move(m cluster.Move) {
	if b.cut {
		b.later = append(b.later, m)
		return
	}
	if !m.Here && b.engine.Mistakes.LosesDepartures && b.engine.skip() {
		return
	}
	if changed := b.engine.move(b.number, m); changed && !(m.Again && b.silent) {
		b.call(func() { b.node.Moved([]cluster.Move{m}) })
	}
}

// skip reports true every second time.
func (e *Engine) skip() bool {
	e.skipped = !e.skipped
	return e.skipped
}

// move reports whether a user has come to the cluster or left it.
func (e *Engine) move(number int, m cluster.Move) (changed bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	before := e.residents[m.User]
	e.moves = append(e.moves, moved{m.User, before})
	e.moves = e.moves[max(0, len(e.moves)-undo):]
	after := before
	after.numbers = slices.DeleteFunc(slices.Clone(before.numbers), func(n int) bool { return n == number })
	there, others := len(after.numbers) < len(before.numbers), len(after.numbers)
	if m.Here {
		after.name, after.numbers = m.Name, append(after.numbers, number)
	}
	e.put(m.User, after)
	return others == 0 && !(m.Here && there)
}

func (e *Engine) put(user uuid.UUID, r resident) {
	if len(r.numbers) == 0 {
		delete(e.residents, user)
	} else {
		e.residents[user] = r
	}
}

// loseMoves takes the last n moves back.
func (e *Engine) loseMoves(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for ; n > 0 && len(e.moves) > 0; n-- {
		last := e.moves[len(e.moves)-1]
		e.moves = e.moves[:len(e.moves)-1]
		e.put(last.user, last.before)
	}
}

// Online counts the users (see cluster.Bus).
func (b *Bus) Online() (users, doubles int) {
	b.engine.mu.Lock()
	defer b.engine.mu.Unlock()
	for _, r := range b.engine.residents {
		users++
		doubles += len(r.numbers) - 1
	}
	return users, doubles
}

// sweep removes the users under a number from the directory. A node is told of the users that have thereby left the
// cluster.
func (e *Engine) sweep(number int, sweeper *Bus) {
	var gone []cluster.Move
	for user, r := range maps.Clone(e.residents) {
		if m := (cluster.Move{User: user, Name: r.name}); slices.Contains(r.numbers, number) && e.move(number, m) {
			gone = append(gone, m)
		}
	}
	e.moves = nil // it ends the lease once all replicas have it
	slices.SortFunc(gone, func(a, b cluster.Move) int { return slices.Compare(a.User[:], b.User[:]) })
	if len(gone) > 0 {
		sweeper.call(func() { sweeper.node.Moved(gone) })
	}
}

// Residents returns the users online, in order.
func (e *Engine) Residents() []uuid.UUID {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.SortedFunc(maps.Keys(e.residents), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
}

const (
	leaseTime  = 10 * time.Second
	renewEvery = 3 * time.Second
)

// lease is a node's membership of the cluster. Its number stands for the node in the directory.
type lease struct {
	number  int
	retired []int         // its numbers before, until they are swept
	age     time.Duration // since it was renewed
	expired bool
	ended   bool          // the node will not come back
	known   cluster.Epoch // that the bus got last; 0: none
	silent  bool          // users that are enrolled are not told: the data were lost, and they have not left
	Stopped bool          // the process of the node stands still
}

// enter gives the node a lease, if it has none in this epoch, and enrolls its users: those that have left meanwhile leave the directory.
func (b *Bus) enter(renumbered bool) {
	if b.silent = renumbered; renumbered || b.expired || b.number == 0 {
		if b.number != 0 {
			b.retired = append(b.retired, b.number)
		}
		b.number = b.engine.number()
	}
	b.age, b.expired = 0, false
	for _, m := range b.later {
		b.move(m)
	}
	b.later = nil
	b.call(func() {
		b.node.Enroll()
		b.command(func() { b.sweepRetired(b) })
	})
}

// sweepRetired sweeps the numbers that the node had before.
func (b *Bus) sweepRetired(sweeper *Bus) {
	for _, number := range b.retired {
		b.engine.sweep(number, sweeper)
	}
	b.retired = nil
}

// number returns a number that no node has had.
func (e *Engine) number() int {
	e.numbers++
	return e.numbers
}

// Kill ends a node without a word: its process has died.
func (b *Bus) Kill() {
	b.disconnect(cluster.Local)
	b.ended = true
}

// Close ends a node in an orderly way: the engine has all its messages, and another node sweeps its users at once.
func (b *Bus) Close() {
	for b.StepCommand() {
	}
	b.Kill()
	b.age = leaseTime
}

// Expire ends the lease of a node that is cut off. Another one sweeps its users.
func (b *Bus) Expire(sweeper *Bus) {
	b.lapse(sweeper)
}

// passLeases lets leases grow older, and nodes renew theirs. Time counts only while some node can.
func (e *Engine) passLeases(d time.Duration) {
	var sweeper *Bus
	for _, b := range e.buses {
		if !b.renews() {
			continue
		}
		sweeper = b
		if b.age += d; b.age >= renewEvery {
			b.renew()
		}
	}
	if sweeper == nil {
		return
	}
	for _, b := range e.buses {
		if b.renews() || b.expired || b.number == 0 {
			continue
		}
		if b.age += d; b.age >= leaseTime {
			b.lapse(sweeper)
		}
	}
}

func (b *Bus) renews() bool { return !b.cut && !b.Stopped }

func (b *Bus) renew() {
	if b.expired {
		b.enter(false)
	}
	b.age = 0
}

func (b *Bus) lapse(sweeper *Bus) {
	if b.expired = true; !b.engine.Mistakes.SweepsNobody {
		b.sweepRetired(sweeper)
		b.engine.sweep(b.number, sweeper)
	}
}
