package jitter

// The channels of a client: each has an order of its own.
const (
	broadcasts = iota
	directs
	channels
)

// tally counts the messages that one client has received through one channel.
type tally struct {
	seen      []bool // by a message's number, from 0
	next      int    // the number after the highest that has arrived
	delivered int
	twice     int
	unordered int
}

func newTally(messages int) tally { return tally{seen: make([]bool, messages)} }

// add counts a message, and reports whether it is new. A number that was not sent does not count.
func (t *tally) add(number int) bool {
	switch {
	case number < 0 || number >= len(t.seen):
		return false
	case t.seen[number]:
		t.twice++
		return false
	case number < t.next:
		t.unordered++
	}
	t.seen[number] = true
	t.delivered++
	t.next = max(t.next, number+1)
	return true
}
