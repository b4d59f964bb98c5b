package ends

// Kept is how many ends of sessions a node remembers, and how many of handshakes. The two are apart, because a storm of refused
// handshakes must not displace the sessions that ended before it. All of them take 2 MB.
const Kept = 10_000

// Book is the memory of one reactor. It belongs to the reactor's goroutine, which also answers the questions about it: so a
// record takes no lock.
type Book struct {
	sessions, handshakes ring
}

// NewBook returns the memory of one of several reactors, each of which has an equal share of what the node remembers.
func NewBook(reactors int) Book {
	share := (Kept + reactors - 1) / reactors
	return Book{ring{records: make([]End, share)}, ring{records: make([]End, share)}}
}

// Add records an end, and numbers it.
func (b *Book) Add(e *End) {
	if e.Kind() == Handshake {
		b.handshakes.add(e)
	} else {
		b.sessions.add(e)
	}
}

// Find appends to into, up to its capacity, the ends that a filter selects and that are on the page, the newest first. It returns
// how many the filter selects in all.
func (b *Book) Find(f *Filter, onPage func(*End) bool, into []End) (found []End, all int) {
	found = into
	sessions, handshakes := b.sessions.newest(), b.handshakes.newest()
	for {
		next := &sessions
		if s, h := sessions.look(), handshakes.look(); s == nil || h != nil && h.At > s.At {
			next = &handshakes
		}
		e := next.look()
		if e == nil || e.At < f.Since {
			return found, all
		}
		next.step()
		if !f.selects(e) {
			continue
		}
		all++
		if len(found) < cap(found) && onPage(e) {
			found = append(found, *e)
		}
	}
}

// ring holds the last records of one kind.
type ring struct {
	records []End
	count   uint64 // of all records so far
}

func (r *ring) add(e *End) {
	at := &r.records[r.count%uint64(len(r.records))]
	r.count++
	*at = *e
	at.Number = r.count
}

// cursor goes over a ring, from its newest record on.
type cursor struct {
	records []End
	left    int // records that have not been stepped over
	at      int // index of the next one
}

func (r *ring) newest() cursor {
	size := uint64(len(r.records))
	return cursor{r.records, int(min(r.count, size)), int((r.count + size - 1) % size)}
}

// look returns the next record; nil after the last one.
func (c *cursor) look() *End {
	if c.left == 0 {
		return nil
	}
	return &c.records[c.at]
}

func (c *cursor) step() {
	c.left--
	if c.at--; c.at < 0 {
		c.at = len(c.records) - 1
	}
}
