package fanout

import "math/bits"

// Topic is the number of a topic on this reactor. The numbers are small, so that a caller can index a list by them. That of a
// room is negative. The zero value is no topic.
type Topic int32

// index is the topic's place in the slab.
func (t Topic) index() int32 { return max(int32(t), -int32(t)) }

// subscription is a member's place in a topic's list, as the member sees it.
type subscription struct {
	topic Topic
	index int32 // index in the topic's list
	next  int32 // in its chain
}

// subscriptions has those of all members. Those of one member are a chain as long as they are few. A member with more has several
// chains, and the number of the topic selects the one that a subscription is in. So a member's subscription of a topic is found in a
// few steps, however many it has: a chain has 2 to 4 on average, and the heads take 1 to 2 bytes a subscription.
//
// A member keeps the first subscription of its chain, or, negative, the index of its chains: a head.
type subscriptions struct {
	slab[subscription]
	many slab[chains]
}

const (
	longChain  = 16 // subscriptions in a member's only chain, at most
	fewChains  = longChain / 2
	fullChains = 4 // subscriptions in each of several chains, on average, from which there are twice as many chains; below one, half as many
)

// chains are the subscriptions of a member that has many.
type chains struct {
	heads []int32 // the first of each chain, or 0; their number is a power of two
	used  int32   // subscriptions
	rooms int32   // of them
}

// home returns the chain of a topic. The numbers of topics are multiplied by 2^32 divided by the golden ratio, which spreads those
// that follow one another evenly.
func (c *chains) home(t Topic) int {
	return int(uint32(t) * 0x9e3779b1 >> (bits.LeadingZeros32(uint32(len(c.heads))) + 1))
}

// from returns the first subscription in the chains from an index on, or 0.
func (c *chains) from(i int) int32 {
	for ; i < len(c.heads); i++ {
		if c.heads[i] != 0 {
			return c.heads[i]
		}
	}
	return 0
}

// tally counts a subscription.
func (c *chains) tally(t Topic, change int32) {
	if c.used += change; t < 0 {
		c.rooms += change
	}
}

// of returns the chains of a member that has several, and nil if it has one.
func (p *subscriptions) of(head int32) *chains {
	if head >= 0 {
		return nil
	}
	return p.many.at(-head)
}

// first returns the first of a member's subscriptions, or 0.
func (p *subscriptions) first(head int32) int32 {
	if c := p.of(head); c != nil {
		return c.from(0)
	}
	return head
}

// after returns the member's next subscription, or 0.
func (p *subscriptions) after(head int32, at *subscription) int32 {
	if at.next != 0 || head >= 0 {
		return at.next
	}
	c := p.of(head)
	return c.from(c.home(at.topic) + 1)
}

// topics returns how many of a member's subscriptions are of topics that are no rooms.
func (p *subscriptions) topics(head int32) (n int) {
	if c := p.of(head); c != nil {
		return int(c.used - c.rooms)
	}
	for i := head; i != 0; {
		at := p.at(i)
		if at.topic > 0 {
			n++
		}
		i = at.next
	}
	return n
}

// chain returns the beginning of the chain that a member's subscription of a topic is in.
func (p *subscriptions) chain(head *int32, t Topic) *int32 {
	if c := p.of(*head); c != nil {
		return &c.heads[c.home(t)]
	}
	return head
}

// find returns the link to a member's subscription of a topic; the link is 0 if there is none.
func (p *subscriptions) find(head *int32, t Topic) *int32 {
	link := p.chain(head, t)
	for *link != 0 && p.at(*link).topic != t {
		link = &p.at(*link).next
	}
	return link
}

// insert adds a subscription to its chain.
func (p *subscriptions) insert(head *int32, i int32) {
	switch c := p.of(*head); {
	case c == nil && p.isLong(*head):
		p.distribute(head, fewChains)
	case c != nil && int(c.used) == fullChains*len(c.heads):
		p.distribute(head, 2*len(c.heads))
	}
	p.push(head, i)
}

// push adds a subscription at the beginning of its chain.
func (p *subscriptions) push(head *int32, i int32) {
	at := p.at(i)
	link := p.chain(head, at.topic)
	at.next, *link = *link, i
	if c := p.of(*head); c != nil {
		c.tally(at.topic, 1)
	}
}

// isLong reports whether a member's only chain may not grow.
func (p *subscriptions) isLong(head int32) bool {
	n := 0
	for i := head; i != 0; n++ {
		i = p.at(i).next
	}
	return n >= longChain
}

// unlink takes a subscription out of its chain.
func (p *subscriptions) unlink(head, link *int32) {
	at := p.at(*link)
	*link = at.next
	if c := p.of(*head); c != nil {
		if c.tally(at.topic, -1); int(c.used) < len(c.heads) {
			p.distribute(head, len(c.heads)/2)
		}
	}
}

// distribute distributes a member's subscriptions over so many chains; fewer than fewChains become one.
func (p *subscriptions) distribute(head *int32, n int) {
	var all int32 // one chain of them
	for i := p.first(*head); i != 0; {
		at := p.at(i)
		next := p.after(*head, at)
		at.next, all, i = all, i, next
	}
	p.drop(head)
	if n < fewChains {
		*head = all
		return
	}
	i := p.many.take()
	*head, *p.many.at(i) = -i, chains{heads: make([]int32, n)}
	for all != 0 {
		i, all = all, p.at(all).next
		p.push(head, i)
	}
}

// drop leaves a member without subscriptions.
func (p *subscriptions) drop(head *int32) {
	if c := p.of(*head); c != nil {
		*c = chains{}
		p.many.release(-*head)
	}
	*head = 0
}
