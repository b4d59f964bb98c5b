package history

// Membership says how a channel of this node relates to the cluster's channel of that name: of which epoch its numbers are, and
// whether the node gets its messages. It has the size of the padding that would be there without it. The zero value is a channel
// that knows nothing of the cluster.
type Membership uint32

const joined Membership = 1 << 31

// Joined reports whether the node gets the channel's messages.
func (m Membership) Joined() bool { return m&joined != 0 }

// Epoch returns the number of the epoch in which the channel was last numbered; 0: none.
func (m Membership) Epoch() uint32 { return uint32(m &^ joined) }

// Join is called when the node gets the channel's messages.
func (m *Membership) Join() { *m |= joined }

// Leave is called when the node no longer does.
func (m *Membership) Leave() { *m &^= joined }

// Enter is called when the channel's numbers are of an epoch. The node has to join it again.
func (m *Membership) Enter(epoch uint32) { *m = Membership(epoch) &^ joined }
