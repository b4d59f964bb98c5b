package server

import (
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"momentum/server/auth"
	"momentum/server/cluster"
)

// notices are the notices of the cluster that this node knows. If the bus comes back without some of them, because Redis has lost its
// data, the node has them kept again.
type notices struct {
	peers   *peers // to keep and to send them
	now     func() time.Time
	elapsed func() time.Duration // since the start of the node
	lift    func(all []auth.Revocation)
	revoke  func(all []auth.Revocation) error
	random  *rand.Rand // of the order in which lost ones are kept again
	log     *slog.Logger

	mu     sync.Mutex
	known  map[string]*knownNotice // by text
	lifted map[subject]time.Time   // when a subject was lifted last, of the lifts in known: what is older has no effect
	lost   []string                // texts that the bus did not have when it was connected last, or has refused
	busy   bool                    // one of them is being kept
	again  time.Duration           // after a refusal: not before this time
	swept  time.Duration           // when add last looked for notices that have ended
}

type knownNotice struct {
	notice
	inBus bool // the bus has it, as far as is known
}

// news takes a notice that a node has just had the cluster keep.
func (n *notices) news(text json.RawMessage) {
	for _, one := range parseNotices([][]byte{text}) {
		n.follow(n.add(one))
	}
}

// follow puts revocations in force, and ends others.
func (n *notices) follow(all []notice) {
	revoked, lifted := effects(all)
	n.lift(lifted)
	if err := n.revoke(revoked); err != nil {
		n.log.Error("a revocation of the cluster is not in force on this node", "reason", err)
	}
}

// read takes the notices that the bus has, in their order, and returns those that have an effect.
func (n *notices) read(all []notice) (valid []notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	n.expire(now)
	for _, one := range n.known {
		one.inBus = false
	}
	for _, one := range all {
		if n.enter(one, true, now) {
			valid = append(valid, one)
		}
	}
	n.lost = n.lost[:0]
	for text, one := range n.known {
		if !one.inBus {
			n.lost = append(n.lost, text)
		}
	}
	n.shuffle()
	return valid
}

// shuffle puts the lost notices into a random order, so that nodes that know the same ones share the work. Lifts come first: a node that
// gets a ban before its lift closes the user's connections.
func (n *notices) shuffle() {
	slices.Sort(n.lost) // so that two runs of a seed are the same
	swap := func(i, j int) { n.lost[i], n.lost[j] = n.lost[j], n.lost[i] }
	n.random.Shuffle(len(n.lost), swap)
	lifts := 0
	for i, text := range n.lost {
		if n.known[text].Lift != nil {
			swap(lifts, i)
			lifts++
		}
	}
}

// add takes a notice that the bus keeps, and returns what has an effect now: nothing if the node knows the notice, or if a lift is later;
// with a lift, also the later revocations of its subject.
func (n *notices) add(one notice) (valid []notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	n.sweep(now)
	_, known := n.known[one.text]
	if !n.enter(one, true, now) || known {
		return nil
	}
	valid = append(valid, one)
	if one.Lift == nil {
		return valid
	}
	for _, other := range n.known {
		if other.Lift == nil && other.At.After(one.At) && other.subject() == one.subject() {
			valid = append(valid, other.notice)
		}
	}
	return valid
}

// refused takes a notice that the bus has not taken. A lift is kept later: it is in force on the nodes that have answered, and has to hold
// if the ban is kept again.
func (n *notices) refused(one notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	n.sweep(now)
	if one.Lift != nil && n.enter(one, false, now) {
		n.lost = slices.Insert(n.lost, 0, one.text)
		n.again = n.elapsed() + noticeDelay
	}
}

// enter remembers a notice, if there is room, and reports whether it has an effect.
func (n *notices) enter(one notice, inBus bool, now time.Time) (valid bool) {
	subject := one.subject()
	if one.ended(now) || one.At.Before(n.lifted[subject]) {
		return false
	}
	if _, known := n.known[one.text]; !known && len(n.known) >= cluster.MaxNotices {
		return true
	}
	n.known[one.text] = &knownNotice{one, inBus}
	if one.Lift != nil {
		n.lifted[subject] = one.At
	}
	return true
}

// sweep makes room if there is none, at most once a second.
func (n *notices) sweep(now time.Time) {
	if at := n.elapsed(); len(n.known) >= cluster.MaxNotices && at >= n.swept+time.Second {
		n.swept = at
		n.expire(now)
	}
}

// expire forgets the notices that have ended, and those that a lift has made void.
func (n *notices) expire(now time.Time) {
	for text, one := range n.known {
		subject, ended := one.subject(), one.ended(now)
		if ended && one.Lift != nil && one.At.Equal(n.lifted[subject]) {
			delete(n.lifted, subject)
		}
		if ended || one.At.Before(n.lifted[subject]) {
			delete(n.known, text)
		}
	}
}

// next returns a notice that has to be kept again, unless there is none, one is being kept, or the notices are being read: the ticker does
// not wait for that.
func (n *notices) next() (one notice, ok bool) {
	if !n.mu.TryLock() {
		return one, false
	}
	defer n.mu.Unlock()
	if n.busy || n.elapsed() < n.again {
		return one, false
	}
	now := n.now()
	for ; len(n.lost) > 0; n.lost = n.lost[1:] {
		if is := n.known[n.lost[0]]; is != nil && !is.inBus && !is.ended(now) {
			n.busy = true
			return is.notice, true
		}
	}
	return one, false
}

// settled takes the outcome of keeping a notice again.
func (n *notices) settled(one notice, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.busy = false
	if is := n.known[one.text]; err == nil && is != nil {
		is.inBus = true
	} else if err != nil {
		n.again = n.elapsed() + noticeDelay
	}
}

// keepLost has the bus keep one of the notices that it has lost, and tells the nodes: one that was connected meanwhile does not know it.
// It is called often, and so leaves the bus time for its leases between the notices.
func (n *notices) keepLost() {
	one, ok := n.next()
	if !ok {
		return
	}
	n.peers.bus.Keep(one.kept(), func(err error) {
		if n.settled(one, err); err == nil {
			n.peers.send("", one.news())
		}
	})
}
