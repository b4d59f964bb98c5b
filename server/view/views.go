package view

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"
)

// Options says where views come from, and for how many viewers they are.
type Options struct {
	Admin, Public int // viewers on each port
	Now           func() time.Time
	Read          func(elapsed time.Duration) Reading
	Health        func() json.RawMessage // the answer to /readyz; may be nil
}

// Views makes a view of a node once a second. The ticker takes the readings, because the history goes on when nobody looks; the text is
// made on a goroutine of its own, and only if there are viewers. Any goroutine may use it, except for Tick.
type Views struct {
	options Options
	feed    *Feed

	due        time.Duration // time of the next reading, since the start; the ticker's
	publishing atomic.Bool

	mu    sync.Mutex // held for a reading, and for a copy of the view or of the history
	watch Watch
}

// NewViews returns views that have seen nothing.
func NewViews(o Options) *Views {
	return &Views{options: o, feed: NewFeed(o.Admin, o.Public, o.Now), due: Step}
}

// Tick takes a reading when it is time. The node's ticker calls it, after it has sampled the storm.
func (v *Views) Tick(elapsed time.Duration) {
	if elapsed < v.due {
		return
	}
	v.due = elapsed + Step
	reading := v.options.Read(elapsed)
	v.mu.Lock()
	v.watch.Next(reading)
	v.mu.Unlock()
	if v.feed.Watched() && v.publishing.CompareAndSwap(false, true) {
		go v.publish()
	}
}

// publish gives the view to all viewers.
func (v *Views) publish() {
	defer v.publishing.Store(false)
	now := v.Last()
	text, _ := json.Marshal(&now) // its values are numbers, texts and JSON: it cannot fail
	v.feed.Publish(Event("view", text))
}

// Last returns the view of the last second. Before the first one, At is zero.
func (v *Views) Last() View {
	v.mu.Lock()
	now := v.watch.View()
	v.mu.Unlock()
	now.Viewers = v.feed.Viewers()
	if v.options.Health != nil {
		now.Health = v.options.Health()
	}
	return now
}

// History returns the views of the last fifteen minutes.
func (v *Views) History() *History {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.watch.History()
}

// Viewers returns how many viewers there are, and how many were refused or cut.
func (v *Views) Viewers() Viewers { return v.feed.Viewers() }

// Term returns how often the feed has ended.
func (v *Views) Term() Term { return v.feed.Term() }

// Enter takes a place for a viewer that has passed the access rule of a term, or returns ErrFull or ErrStopped.
func (v *Views) Enter(d Door, t Term) (*Viewer, error) { return v.feed.Enter(d, t) }

// Stop ends the streams of all viewers. There are no others after it.
func (v *Views) Stop() { v.feed.Stop() }

// Reload puts a new access rule into use, and ends the streams of all viewers of the earlier one.
func (v *Views) Reload(use func()) { v.feed.Reload(use) }
