package load

// stream follows the numbers of one sender's messages as one receiver sees them.
type stream struct {
	next uint64 // one above the highest number seen
	seen uint64 // bit i: next-1-i has been seen
}

// windowBits is how far behind the highest a number can be and still be told apart from a duplicate.
const windowBits = 64

// arrival is what the number of a message says about its way.
type arrival uint8

const (
	inOrder    arrival = iota // the highest so far; what it left out is missing until it comes
	disordered                // behind a later one
	duplicated
	tooOld // so far behind that nobody knows any more whether it was there: it makes up for no loss
)

// note takes the number of a message that has arrived.
func (s *stream) record(seq uint32) arrival {
	n := uint64(seq)
	if n >= s.next {
		shift := n + 1 - s.next
		s.seen = s.seen<<min(shift, windowBits) | 1 // Go shifts everything out from 64 on
		s.next = n + 1
		return inOrder
	}
	behind := s.next - 1 - n
	if behind >= windowBits {
		return tooOld
	}
	if s.seen>>behind&1 != 0 {
		return duplicated
	}
	s.seen |= 1 << behind
	return disordered
}

// streams has the stream of each pair that talks.
type streams struct {
	senders int
	fanout  Fanout
	pairs   []stream
}

func newStreams(senders int, fanout Fanout) *streams {
	size := senders
	if fanout == Everybody {
		size *= senders
	}
	return &streams{senders, fanout, make([]stream, size)}
}

// note takes a message that receiver got of one of the senders, and says whether it was one that was meant for it.
func (s *streams) record(receiver int, r tag) (a arrival, meant bool) {
	if s.fanout == Everybody {
		return s.pairs[receiver*s.senders+r.from].record(r.seq), receiver != r.from
	}
	if receiver != partner(r.from, s.senders) {
		return 0, false
	}
	return s.pairs[r.from].record(r.seq), true
}

// begun counts the messages up to the last that has arrived of each sender, at each receiver.
func (s *streams) expectedSoFar() int {
	n := 0
	for i := range s.pairs {
		n += int(s.pairs[i].next)
	}
	return n
}

// partner is whom a sender writes to: the next in the ring, so that any number of them comes out even.
func partner(sender, senders int) int { return (sender + 1) % senders }

// receivers is how many deliveries one message is.
func (s *streams) receivers() int {
	if s.fanout == Everybody {
		return s.senders - 1
	}
	return 1
}
