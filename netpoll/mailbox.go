package netpoll

import (
	"math"
	"sync"
)

// Post is one thing another goroutine asks of a reactor. What Op, Tag and Ref mean is the Handler's affair.
type Post struct {
	To   Handle   // the connection it concerns, or 0 for the reactor as a whole
	Tag  [16]byte // an id, such as a user's
	Ref  any      // anything larger, for what is rare
	Cut  int      // a place in the body, such as where a second version of it begins
	At   Moment   // when it was posted, if that is to be known
	Op   uint8
	from int // where its body starts in the batch's bytes
	size int
}

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
}

// put appends a post with its body, or reports false when the mailbox is full.
func (m *mailbox) put(p Post, body []byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(body) > 0 && len(m.filling.bytes)+len(m.filling.posts)*postBytes+len(body) > maxMailboxBytes {
		return false
	}
	p.from, p.size = len(m.filling.bytes), len(body)
	m.filling.bytes = append(m.filling.bytes, body...)
	m.filling.posts = append(m.filling.posts, p)
	return true
}

// swap hands over what has been collected and goes on collecting in the batch it is given.
func (m *mailbox) swap(empty batch) batch {
	m.mu.Lock()
	defer m.mu.Unlock()
	full := m.filling
	m.filling = empty
	return full
}

// ApplyAll applies everything that had been posted when it was called, however much that is: for what must not come
// in front of any of it, such as a goodbye. A handler may call it from Ticked, where nothing is read in between.
func (r *Reactor) ApplyAll() {
	r.applyPosts(math.MaxInt32) // the rest of a batch, if there is one
	r.applyPosts(math.MaxInt32)
}
