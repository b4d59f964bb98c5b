package netpoll

import (
	"math"
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

// HasRoom says whether a reactor's mailbox has room for more. A poster asks before it posts anything that grows with the
// load, so that a message goes to all reactors that it is for or to none; between the answer and its posts other posters
// may fill the mailbox further, by one post each. Any goroutine may call it.
func (g *Group) HasRoom(reactor int) bool {
	return g.reactors[reactor].mail.held.Load() < maxMailboxBytes
}

// ApplyAll applies everything that had been posted when it was called, however much that is: for what must not come
// in front of any of it, such as a goodbye. A handler may call it from Ticked, where nothing is read in between.
func (r *Reactor) ApplyAll() {
	r.applyPosts(math.MaxInt32) // the rest of a batch, if there is one
	r.applyPosts(math.MaxInt32)
}
