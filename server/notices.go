package server

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
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
	log     *slog.Logger

	mu     sync.Mutex
	known  map[string]*knownNotice // by text
	lifted map[string]time.Time    // when a subject was lifted last: what is older has no effect
	lost   []string                // texts that the bus did not have when it was connected last, and that nobody has kept since
	busy   bool                    // one of them is being kept
	again  time.Duration           // after a refusal: not before this time
}

type knownNotice struct {
	notice
	kept bool // since the bus was connected last, as far as is known
}

// news takes a notice that a node has just had the cluster keep.
func (n *notices) news(text json.RawMessage) {
	for _, one := range parseNotices([][]byte{text}) {
		if n.add(one) {
			n.follow([]notice{one})
		}
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
	n.expire()
	for _, one := range n.known {
		one.kept = false
	}
	for _, one := range all {
		if n.enter(one) {
			valid = append(valid, one)
		}
	}
	n.lost = n.lost[:0]
	for text, one := range n.known {
		if !one.kept {
			n.lost = append(n.lost, text)
		}
	}
	slices.Sort(n.lost)
	return valid
}

// add takes a notice that is kept, and reports whether it has an effect: it has none after a lift that is later.
func (n *notices) add(one notice) (valid bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.known) >= cluster.MaxNotices {
		n.expire()
	}
	return n.enter(one)
}

func (n *notices) enter(one notice) (valid bool) {
	subject := one.subject()
	if one.At.Before(n.lifted[subject]) {
		return false
	}
	if one.Lift != nil {
		n.lifted[subject] = one.At
	}
	if _, known := n.known[one.text]; known || len(n.known) < cluster.MaxNotices {
		n.known[one.text] = &knownNotice{one, true}
	}
	return true
}

// expire forgets the notices that have ended, and those that a lift has made void.
func (n *notices) expire() {
	now := n.now()
	for text, one := range n.known {
		subject := one.subject()
		ended := !now.Before(time.Unix(min(one.end(), auth.MaxUnixSeconds), 0))
		if ended && one.Lift != nil && one.At.Equal(n.lifted[subject]) {
			delete(n.lifted, subject)
		}
		if ended || one.At.Before(n.lifted[subject]) {
			delete(n.known, text)
		}
	}
}

// next returns a notice that has to be kept again, unless there is none, or one is being kept.
func (n *notices) next() (one notice, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.busy || n.elapsed() < n.again {
		return one, false
	}
	for ; len(n.lost) > 0; n.lost = n.lost[1:] {
		if is := n.known[n.lost[0]]; is != nil && !is.kept {
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
		is.kept = true
	} else if err != nil {
		n.again = n.elapsed() + noticeDelay
	}
}

// keepLost has the bus keep the notices that it has lost, one after the other, and tells the nodes: one that was connected meanwhile does
// not know them.
func (n *notices) keepLost() {
	one, ok := n.next()
	if !ok {
		return
	}
	n.peers.bus.Keep(one.kept(), func(err error) {
		if n.settled(one, err); err == nil {
			n.peers.send("", one.news())
			n.keepLost()
		}
	})
}

// kept returns the notice as the bus keeps it.
func (n *notice) kept() cluster.Notice {
	kept := cluster.Notice{Text: []byte(n.text)}
	if end := n.end(); end <= auth.MaxUnixSeconds {
		kept.Until = end
	}
	return kept
}

// news returns the note that tells the nodes that the notice is kept.
func (n *notice) news() note {
	if n.Lift != nil {
		return note{Kind: lifted, Body: []byte(n.text)}
	}
	return note{Kind: revoked, Body: []byte(n.text)}
}

// subject names what a notice is about: a token, a user's tokens, or a user.
func (n *notice) subject() string {
	one := n.about()
	if one.IsBan() {
		return strings.Replace(one.Name(), "user/", "ban/", 1)
	}
	return one.Name()
}

func (n *notice) about() *auth.Revocation {
	if n.Lift != nil {
		return n.Lift
	}
	return &n.Revocation
}

// end returns when the notice ends. An earlier version wrote no end into a lift.
func (n *notice) end() int64 {
	if end := n.about().Until; end != 0 {
		return end
	}
	return auth.Forever
}
