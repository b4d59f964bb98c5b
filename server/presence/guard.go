package presence

import "sync"

// guard is a mutex that counts the entries that are looked at while it is held, so that a test can show that no hold
// grows with the number of users.
type guard struct {
	mutex   sync.Mutex
	entries int // in this hold
	most    int // in any hold
}

// Lock begins a hold.
func (g *guard) Lock() { g.mutex.Lock() }

// look counts entries that the holder looks at.
func (g *guard) look(entries int) { g.entries += entries }

// Unlock ends a hold.
func (g *guard) Unlock() {
	g.most, g.entries = max(g.most, g.entries), 0
	g.mutex.Unlock()
}
