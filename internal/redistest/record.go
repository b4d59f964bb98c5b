package redistest

import (
	"bytes"
	"sync"
)

// record keeps the log of a server through all of its restarts.
type record struct {
	mu     sync.Mutex
	text   bytes.Buffer
	start  int // of the part in which the marker is searched
	marker []byte
	seen   chan struct{} // nil if nothing is expected
}

// expect returns a channel that is closed when a later part of the log has the marker.
func (r *record) expect(marker string) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.start, r.marker, r.seen = r.text.Len(), []byte(marker), make(chan struct{})
	return r.seen
}

// Write adds to the log.
func (r *record) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text.Write(b)
	if r.seen != nil && bytes.Contains(r.text.Bytes()[r.start:], r.marker) {
		close(r.seen)
		r.seen = nil
	}
	return len(b), nil
}

// String returns the whole log.
func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}
