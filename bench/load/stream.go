package load

// stream tracks the sequence numbers of one sender's messages at one receiver.
type stream struct {
	next uint64 // one above the highest number seen
	seen uint64 // bit i: next-1-i has been seen
}

// windowBits is how far below the highest a number can be and still be distinguished from a duplicate.
const windowBits = 64

// arrival classifies a message by its sequence number.
type arrival uint8

const (
	inOrder    arrival = iota // the highest so far
	disordered                // after a later one
	duplicated
	tooOld // too far below the highest to know whether it is a duplicate: it does not count as delivered
)

// record accounts for the number of a message that has arrived.
func (s *stream) record(seq uint32) arrival {
	n := uint64(seq)
	if n >= s.next {
		shift := n + 1 - s.next
		s.seen = s.seen<<min(shift, windowBits) | 1 // a shift by 64 or more gives 0
		s.next = n + 1
		return inOrder
	}
	below := s.next - 1 - n
	if below >= windowBits {
		return tooOld
	}
	if s.seen>>below&1 != 0 {
		return duplicated
	}
	s.seen |= 1 << below
	return disordered
}

// streams has a stream for each pair of sender and receiver.
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

// record accounts for a message that receiver got. meant reports whether it was addressed to this receiver.
func (s *streams) record(receiver int, r tag) (a arrival, meant bool) {
	if s.fanout == Everybody {
		return s.pairs[receiver*s.senders+r.from].record(r.seq), receiver != r.from
	}
	if receiver != partner(r.from, s.senders) {
		return 0, false
	}
	return s.pairs[r.from].record(r.seq), true
}

// expectedSoFar counts the messages up to the last that has arrived, of each sender at each receiver.
func (s *streams) expectedSoFar() int {
	n := 0
	for i := range s.pairs {
		n += int(s.pairs[i].next)
	}
	return n
}

// partner is the receiver of a sender's messages: the next in a ring, so that each connection receives as many as it
// sends.
func partner(sender, senders int) int { return (sender + 1) % senders }

// receivers is the number of deliveries of one message.
func (s *streams) receivers() int {
	if s.fanout == Everybody {
		return s.senders - 1
	}
	return 1
}
