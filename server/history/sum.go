package history

import (
	"fmt"
	"unsafe"
)

// Sum adds up the memory of a store's channels, some of them under one hold of the lock. The zero value is a new sum.
type Sum struct {
	next    *kept
	begun   bool
	changes uint64 // of the store when the sum was begun
	bytes   int
	fault   error
}

// Add adds up to limit channels, and reports whether there are more. If the store has changed since the sum was begun, Add
// ends the sum without a result.
func (m *Sum) Add(s *Store, limit int) (more bool) {
	if !m.begun {
		*m = Sum{next: s.used, begun: true, changes: s.changes}
	}
	if m.changes != s.changes {
		return false
	}
	for ; m.next != nil; m.next = m.next.next {
		if limit--; limit < 0 {
			return true
		}
		m.bytes += len(m.next.ring.buf)
	}
	if m.bytes += s.channels * int(unsafe.Sizeof(kept{})); m.bytes != s.held {
		m.fault = fmt.Errorf("%d channels keep %d bytes, counted as %d", s.channels, m.bytes, s.held)
	}
	return false
}

// Fault returns an error if the sum differs from the bytes that the store has counted.
func (m *Sum) Fault() error { return m.fault }
