package redis

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"momentum/server/cluster"
)

// keeper renews this node's lease, reports its users, and sends its notes. It waits only for Redis.
type keeper struct {
	options   *Options
	node      string
	current   func() *attachment // nil: there is none
	wake      chan struct{}
	over      chan struct{} // closed: the node resigns
	gone      chan struct{} // closed: it has resigned
	notes     notes
	kept      keeps
	directory directory
	call      func(func(cluster.Node)) // makes the inbox call the node
	nodes     atomic.Pointer[[]cluster.Peer]

	// Of the keeper's goroutine.
	attachment *attachment // in which the lease was last renewed
	lease      lease
	sweep      sweep
	faults     faults
	pace       pace      // of moves
	later      time.Time // moves wait until then; zero: none do
}

func newKeeper(o *Options, node string, current func() *attachment, call func(func(cluster.Node))) *keeper {
	return &keeper{
		options: o, node: node, current: current, call: call,
		wake: make(chan struct{}, 1), over: make(chan struct{}), gone: make(chan struct{}),
		pace: pace{each: paceEach, max: paceMoves, full: movesPerCall},
	}
}

// run keeps until the bus is closed.
func (k *keeper) run() {
	ticker := time.NewTicker(leaseInterval)
	defer ticker.Stop()
	defer close(k.gone)
	timer := time.NewTimer(leaseInterval)
	defer timer.Stop()
	for {
		due := false
		if !k.later.IsZero() {
			timer.Reset(k.later.Sub(k.options.Now()))
		}
		select {
		case <-k.over:
			k.resign()
			return
		case <-ticker.C:
			due = true
		case <-k.wake:
		case <-timer.C:
			k.later = time.Time{}
		}
		for k.step(due) {
			due = false
		}
	}
}

// step does the work that is due, and returns whether more may be due.
func (k *keeper) step(due bool) bool {
	a := k.current()
	if a == nil {
		return false
	}
	if due || k.attachment != a {
		if !k.accepts(a, "Redis refuses the node", k.renew(a)) {
			return false
		}
	}
	more := k.sendNotes(a)
	more = k.sendKeeps(a) || more
	more = k.sendMoves(a) || more
	return k.sweepSome(a) || more
}

// accepts returns whether Redis has executed a call. It ends an attachment that is broken. What Redis has refused is tried again, so a refusal
// is logged once, until it is another or gone.
func (k *keeper) accepts(a *attachment, refusal string, err error) bool {
	if isFatal(err) {
		a.end(err)
	} else {
		k.faults.warn(k.options.Log, refusal, err)
	}
	return err == nil
}

// renew renews the lease. After a change of epochs it gets a new lease, because the directory in Redis may have lost
// some of the users here.
func (k *keeper) renew(a *attachment) error {
	own, before, epochs := k.lease.number, "", epochsText(a)
	if k.lease.epochs != epochs || k.directory.moves.overflowed() {
		own, before = "", own
	}
	call := renewalOf(a.names, k.node, own, before, k.options.Node.Describe())
	r, err := readRenewal(evaluate(a.owner[0].client, []evaluation{call})[0], k.node)
	if err != nil {
		return err
	}
	k.nodes.Store(&r.nodes)
	if k.attachment != a {
		k.sweep = sweep{}
	}
	if r.sweep != "" && k.sweep.number == "" {
		k.sweep = sweep{number: r.sweep}
	}
	if r.number != own {
		k.enroll(&r, before, k.lease.epochs != "" && k.lease.epochs != epochs)
	}
	k.attachment, k.lease = a, lease{number: r.number, epochs: epochs}
	return k.readTotals(a)
}

// enroll makes the node report all its users again, under a new number, and then removes the former number's users from the directory.
// No departures are announced, because the users have not left.
func (k *keeper) enroll(r *renewal, before string, silent bool) {
	retired := r.retired
	k.call(func(n cluster.Node) {
		m := &k.directory.moves
		m.enroll(silent)
		n.Enroll()
		if retired {
			m.retire(before)
		}
		wake(k.wake)
	})
}

// epochsText names all epochs of an attachment.
func epochsText(a *attachment) string {
	var b []byte
	for _, e := range a.epochs {
		b = append(b, e.id.String()...)
	}
	return string(b)
}

// sendNotes sends some notes.
func (k *keeper) sendNotes(a *attachment) (more bool) {
	list := k.notes.take()
	if len(list) == 0 {
		return false
	}
	client := a.owner[0].client
	commands := make([]rueidis.Completed, len(list))
	for i, n := range list {
		commands[i] = client.B().Spublish().Channel(a.names.noteChannel(n.to)).Message(n.text).Build()
	}
	for _, r := range client.DoMulti(context.Background(), commands...) {
		if !k.accepts(a, "Redis refuses notes", r.Error()) {
			return false
		}
	}
	return true
}

// resignPatience is how long Close waits for Redis.
const resignPatience = 300 * time.Millisecond

// stop ends the lease, and the keeper.
func (k *keeper) stop() {
	close(k.over)
	select {
	case <-k.gone:
	case <-time.After(resignPatience):
	}
}

// resign ends the lease of a node that stops, if Redis answers, so that the others sweep its users at once.
func (k *keeper) resign() {
	a := k.current()
	if a == nil || k.lease.number == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), resignPatience)
	defer cancel()
	client, keys, number := a.owner[0].client, a.names.leaseKeys(), k.lease.number
	client.DoMulti(ctx,
		client.B().Zrem().Key(keys[0]).Member(number).Build(),
		client.B().Hdel().Key(keys[2]).Field(number).Build(),
		client.B().Zadd().Key(keys[1]).ScoreMember().ScoreMember(0, number).Build())
}
