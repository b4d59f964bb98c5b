package fanout

// renewal goes over the members from the last one to the first, again and again. A member that leaves moves others only
// towards the beginning, so each is reached in each round.
type renewal struct {
	next  int    // index of the next member, plus one
	order uint32 // of the post for which the last member's positions were renewed
}

// renew renews the positions of one member for each renewEvery posts.
func (f *Fanout[S]) renew() {
	r := &f.renewal
	for ; f.order-r.order >= renewEvery; r.order += renewEvery {
		if r.next == 0 || r.next > len(f.members) {
			r.next = len(f.members)
		}
		if r.next > 0 {
			r.next--
			f.renewMember(f.members[r.next].Member())
		}
	}
}

func (f *Fanout[S]) renewMember(m *Member) {
	m.order = f.recent(m.order)
	for i := f.subscriptions.first(m.subscriptions); i != 0; {
		at := f.subscriptions.at(i)
		subscriber := &f.topics.at(at.topic.index()).members[at.index]
		subscriber.since = f.recent(subscriber.since)
		i = f.subscriptions.after(m.subscriptions, at)
	}
}

// recent returns a position that has the same messages pending and can be compared.
func (b *backlog) recent(order uint32) uint32 {
	if b.order-order > oldestOrder {
		return b.order - oldestOrder
	}
	return order
}
