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

	mu    sync.Mutex
	known knownNotices
	lost  []string      // texts that the bus did not have when it was connected last, or has refused
	trial trial         // of some of them, which are being kept again
	again time.Duration // after a refusal: not before this time, and one alone; 0: the bus has refused none of the last ones
	swept time.Duration // when add last looked for notices that have ended
}

// trial is the state of an attempt to have notices kept again.
type trial struct {
	open    int      // without an outcome
	late    bool     // the notices were read since: an outcome may be about data that the bus has lost, and is no proof
	kept    []notice // news for the nodes
	refused []string // texts
}

// news takes notices that a node has just had the cluster keep.
func (n *notices) news(body json.RawMessage) { n.follow(n.add(parseNews(body)...)) }

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
	for _, one := range n.known.byText {
		one.inBus, one.void = false, nil
	}
	for _, one := range all {
		if n.enter(one, true, now) {
			valid = append(valid, one)
		}
	}
	n.lost, n.trial.late = n.lost[:0], true
	for text, one := range n.known.byText {
		if one.inBus = one.inBus && len(one.void) == 0; !one.inBus {
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
		if n.known.byText[text].Lift != nil {
			swap(lifts, i)
			lifts++
		}
	}
}

// add takes notices that the bus keeps, in their order, and returns those that have an effect now, which those that the node knows or that
// are older than a lift have not; with lifts, also the later revocations of their subjects.
func (n *notices) add(all ...notice) (valid []notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now, lifts := n.now(), make(map[subject]time.Time)
	n.sweep(now)
	for _, one := range all {
		_, known := n.known.byText[one.text]
		news := n.enter(one, true, now) && !known
		if is := n.known.byText[one.text]; is != nil {
			is.inBus, is.void = true, nil // the node that had it kept has had these dropped
		}
		if !news {
			continue
		}
		if valid = append(valid, one); one.Lift != nil {
			lifts[one.subject()] = one.At
		}
	}
	for of, lift := range lifts {
		for _, other := range n.known.of(of) {
			if other.Lift == nil && other.At.After(lift) {
				valid = append(valid, other.notice)
			}
		}
	}
	return valid
}

// refused takes a notice that the bus has not taken, and reports whether it is kept later: it is in force on the nodes that have answered.
func (n *notices) refused(one notice) (later bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	n.sweep(now)
	if later = n.enter(one, false, now) && n.known.byText[one.text] != nil; later {
		n.again = n.elapsed() + noticeDelay
	}
	return later
}

// until returns the end of the revocation that the bus has of a subject and no lift of; 0: there is none. It is in force on no node if the
// bus has refused the lift to another node.
func (n *notices) until(one auth.Revocation) (end int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	of, now := (&notice{Revocation: one}).subject(), n.now()
	for _, is := range n.known.of(of) {
		if is.Lift == nil && !is.ended(now) {
			end = max(end, is.end())
		}
	}
	return end
}

// void returns the texts that the bus has to drop when it keeps a notice: a lift has room in a full bus if its ban is there.
func (n *notices) void(one *notice) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.known.void(one)
}

// enter remembers a notice, if there is room, and reports whether it has an effect.
func (n *notices) enter(one notice, inBus bool, now time.Time) (valid bool) {
	if one.ended(now) {
		return false
	}
	lift := n.known.lift(one.subject())
	valid = lift == nil || !one.At.Before(lift.At)
	switch is := n.known.byText[one.text]; {
	case is != nil && inBus:
		is.inBus = true
	case is != nil: // the bus has it, or it is lost already
	case valid:
		n.remember(one, inBus)
	case inBus && lift.voids(&one):
		if lift.inBus {
			n.lost = append(n.lost, lift.text)
		}
		lift.drop(one.text)
	}
	return valid
}

// remember forgets the notices that a new one makes void, and remembers it if there is room. If the bus does not have it, it is lost.
func (n *notices) remember(one notice, inBus bool) {
	if one.void = n.known.void(&one); len(one.void) > 0 {
		n.known.forget(one.subject(), func(is *knownNotice) bool { return one.voids(&is.notice) })
	}
	if len(n.known.byText) >= cluster.MaxNotices {
		return
	}
	if n.known.put(&knownNotice{one, inBus}); !inBus {
		n.lost = slices.Insert(n.lost, 0, one.text)
	}
}

// sweep makes room if there is none, at most once a second.
func (n *notices) sweep(now time.Time) {
	if at := n.elapsed(); len(n.known.byText) >= cluster.MaxNotices && at >= n.swept+time.Second {
		n.swept = at
		n.expire(now)
	}
}

// expire forgets the notices that have ended.
func (n *notices) expire(now time.Time) {
	for of := range n.known.bySubject {
		n.known.forget(of, func(one *knownNotice) bool { return one.ended(now) })
	}
}

// next returns up to a number of notices that have to be kept again, unless others are being kept, or the notices are being read: the ticker
// does not wait for that. After a refusal it returns one: a bus without room is asked no more often than it has to be.
func (n *notices) next(most int) (all []notice) {
	if !n.mu.TryLock() {
		return nil
	}
	defer n.mu.Unlock()
	if n.trial.open > 0 || n.elapsed() < n.again {
		return nil
	}
	if n.again > 0 {
		most = 1
	}
	now, size := n.now(), 0
	for looks := 0; len(n.lost) > 0 && len(all) < most && size < noticeBytes && looks < noticeLooks; looks++ {
		if is := n.known.byText[n.lost[0]]; is != nil && !is.inBus && !is.ended(now) {
			one := is.notice
			one.void = slices.Clone(one.void) // more may come while it is being kept
			all, size = append(all, one), size+one.size()
		}
		n.lost = n.lost[1:]
	}
	n.trial = trial{open: len(all)}
	return all
}

// settled takes the outcome of keeping a notice again, and returns the news after the last one.
func (n *notices) settled(one notice, err error) (news []notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	t := &n.trial
	if is := n.known.byText[one.text]; err != nil {
		t.refused = append(t.refused, one.text)
	} else if t.kept = append(t.kept, one); is != nil && !t.late {
		if is.stored(one.void); !is.inBus {
			n.lost = append(n.lost, is.text)
		}
	}
	if t.open--; t.open > 0 {
		return nil
	}
	if n.again = 0; len(t.refused) > 0 {
		n.again = n.elapsed() + noticeDelay
		if !t.late { // the reading has listed them
			n.lost = slices.Insert(n.lost, 0, t.refused...)
		}
	}
	return t.kept
}

// keepLost has the bus keep some of the notices that it has lost, and tells the nodes: one that was connected meanwhile does not know them.
// It is called in each tick, and so leaves the bus time for its leases between the notices.
func (n *notices) keepLost() {
	for _, one := range n.next(max(1, noticesATick/len(n.peers.bus.Nodes()))) {
		n.peers.bus.Keep(one.kept(), func(err error) { n.report(n.settled(one, err)) })
	}
}

// report sends the nodes news of notices that the bus keeps.
func (n *notices) report(all []notice) {
	if len(all) > 0 {
		n.peers.send("", newsOf(all))
	}
}
