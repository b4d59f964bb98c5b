package netpoll

import (
	"sync"
	"sync/atomic"
)

// Post is one thing another goroutine asks of a reactor. What Op, Meta and Ref mean is the Handler's affair.
type Post struct {
	To   Handle // the connection it concerns, or 0 for the reactor as a whole
	Meta Meta
	Ref  any // anything larger, for what is rare
	Op   uint8
	from int // where its body starts in the batch's bytes
	size int
}

// Meta is what a Handler has to know of a post beside its body: words of its own.
type Meta [4]uint64

// batch is what a mailbox has collected: the posts in order, and their bodies end to end.
type batch struct {
	posts []Post
	bytes []byte
}

func (b *batch) body(p *Post) []byte { return b.bytes[p.from : p.from+p.size : p.from+p.size] }

// reset empties the batch and forgets what Ref pointed at; the arena of a burst is given back.
func (b *batch) reset() {
	clear(b.posts)
	b.posts = b.posts[:0]
	b.bytes = b.bytes[:0]
	if cap(b.bytes) > mailboxKeepBytes {
		b.bytes = nil
	}
	if cap(b.posts) > mailboxKeepPosts {
		b.posts = nil
	}
}

// mailbox is the only way into a reactor from outside. Its mutex is held for an append or a swap, never for
// work. Bodies are copied in, so a poster may reuse its buffer at once and nothing is shared.
type mailbox struct {
	mu      sync.Mutex
	filling batch
	held    atomic.Int64 // bytes that filling holds
}

// put appends a post with its body.
func (m *mailbox) put(p Post, body []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p.from, p.size = len(m.filling.bytes), len(body)
	m.filling.bytes = append(m.filling.bytes, body...)
	m.filling.posts = append(m.filling.posts, p)
	m.held.Store(int64(len(m.filling.bytes) + len(m.filling.posts)*postBytes))
}

// swap hands over what has been collected and goes on collecting in the batch it is given.
func (m *mailbox) swap(empty batch) batch {
	m.mu.Lock()
	defer m.mu.Unlock()
	full := m.filling
	m.filling = empty
	m.held.Store(0)
	return full
}

// hasRoom reports whether less is held than the limit.
func (m *mailbox) hasRoom() bool { return m.held.Load() < maxMailboxBytes }

// inbox is a batch that a reactor has taken from its mailbox and is applying. It belongs to the reactor.
type inbox struct {
	batch
	applied int // number of its posts that the reactor has taken out
}

// take returns up to budget posts that are to be applied next, and whether more wait. If an earlier turn left posts over,
// the mailbox may hold more: their posters saw a turn already scheduled and did not ring. So report more.
func (i *inbox) take(m *mailbox, budget int) (posts []Post, more bool) {
	left := i.applied < len(i.posts)
	if !left {
		i.reset()
		i.batch, i.applied = m.swap(i.batch), 0
	}
	from := i.applied
	i.applied = min(from+budget, len(i.posts))
	return i.posts[from:i.applied], left || i.applied < len(i.posts)
}
