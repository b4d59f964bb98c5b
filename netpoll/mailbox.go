package netpoll

import (
	"sync"
	"sync/atomic"
)

// Post is a request to a reactor from any goroutine. The Handler defines the meaning of Op, Meta and Ref.
type Post struct {
	To   Handle // the connection it concerns, or 0 for the reactor as a whole
	Meta Meta
	Ref  any // for requests that are rare and need more
	Op   uint8
	from int // where its body starts in the batch's bytes
	size int
}

// Meta is a Handler's own data about a post, beside its body.
type Meta [4]uint64

// batch is a number of posts in order, with their bodies end to end.
type batch struct {
	posts []Post
	bytes []byte
}

func (b *batch) body(p *Post) []byte { return b.bytes[p.from : p.from+p.size : p.from+p.size] }

// reset empties the batch, releases the values in Ref, and frees the memory that a burst took.
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

// mailbox collects the posts to a reactor. Its mutex is held for an append or a swap, never for work. Bodies are copied, so
// a poster may reuse its buffer at once.
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

// swap returns the collected posts and collects further ones in the given batch.
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
