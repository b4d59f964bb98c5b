package view

import (
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Door is the port that a viewer uses.
type Door int

// The doors. Each has a limit of its own, because each port has its own places for connections.
const (
	AdminPort Door = iota
	PublicPort
	doors
)

// End is why a feed ends.
type End string

// The ends. A node that stops takes no more viewers; after a reload, viewers have to authenticate again.
const (
	Stopped  End = "stopped"
	Reloaded End = "reloaded"
)

// Term counts the ends of a feed. An access rule holds for one term.
type Term int

// Why a viewer gets no place.
var (
	ErrFull    = errors.New("there are as many viewers on this port as may be")
	ErrStopped = errors.New("the node stops")
)

// Conn is the connection of a viewer.
type Conn interface {
	io.WriteCloser
	SetWriteDeadline(time.Time) error
}

// Feed writes each view to all viewers. Any goroutine may use it.
//
// One goroutine writes to all of them, because to wake one for each viewer costs more than the write. A connection that does not take a
// view at once gets a goroutine of its own until it has, and skips the views meanwhile.
type Feed struct {
	limits [doors]int
	now    func() time.Time

	viewers               atomic.Int64
	refused, cut, skipped atomic.Uint64

	writing sync.Mutex // held while a view is written; taken before mu

	mu     sync.Mutex // held for a change of the fields below
	inside [doors]int
	ready  []*Viewer // those that have had all views
	late   int       // those that have begun, and are not ready
	ends   Term      // how often the feed has ended
	why    End       // of the last end
}

// Viewer has a place in a feed, and a connection once it is served.
type Viewer struct {
	feed *Feed
	door Door
	ends Term // in which its access rule began
	conn Conn
}

// NewFeed makes a feed for a number of viewers on each port.
func NewFeed(admin, public int, now func() time.Time) *Feed {
	return &Feed{limits: [doors]int{admin, public}, now: now}
}

// Watched reports whether there are viewers.
func (f *Feed) Watched() bool { return f.viewers.Load() > 0 }

// Viewers returns how many viewers there are, and how many were refused or cut.
func (f *Feed) Viewers() Viewers {
	limit := 0
	for _, n := range f.limits {
		limit += n
	}
	return Viewers{Now: int(f.viewers.Load()), Limit: limit, Refused: f.refused.Load(), Cut: f.cut.Load(), Skipped: f.skipped.Load()}
}

// Term returns how often the feed has ended.
func (f *Feed) Term() Term {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ends
}

// Enter takes a place, or returns ErrFull or ErrStopped. term is the term of the access rule that the viewer has passed: if another
// term has begun since, the stream ends after its first bytes. The caller must call Serve or Leave.
func (f *Feed) Enter(d Door, t Term) (*Viewer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.why == Stopped:
		return nil, ErrStopped
	case f.inside[d] >= f.limits[d]:
		f.refused.Add(1)
		return nil, ErrFull
	}
	f.inside[d]++
	f.viewers.Add(1)
	return &Viewer{feed: f, door: d, ends: t}, nil
}

// Serve writes the first bytes of a stream, and then leaves the connection to the feed, which closes it. It returns when they are
// written.
func (v *Viewer) Serve(c Conn, first []byte) {
	v.conn = c
	v.catchUp(first)
}

// Leave gives a place back that Serve has not used.
func (v *Viewer) Leave() {
	v.feed.mu.Lock()
	v.feed.inside[v.door]--
	v.feed.mu.Unlock()
	v.feed.viewers.Add(-1)
}

// catchUp writes the rest that the viewer lacks. If it does not read for patience, its connection is closed.
func (v *Viewer) catchUp(rest []byte) {
	if _, err := v.write(rest, patience); err != nil {
		v.gone(err)
		return
	}
	f := v.feed
	f.mu.Lock()
	ended, why := v.ends != f.ends, f.why
	if !ended {
		f.ready = append(f.ready, v)
	}
	f.mu.Unlock()
	if ended {
		v.end(why)
	}
}

// write writes for a time at most, and returns the bytes that are left.
func (v *Viewer) write(text []byte, most time.Duration) (rest []byte, err error) {
	if err := v.conn.SetWriteDeadline(v.feed.now().Add(most)); err != nil {
		return text, err
	}
	n, err := v.conn.Write(text)
	return text[n:], err
}

// gone closes the connection after an error.
func (v *Viewer) gone(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		v.feed.cut.Add(1)
	}
	_ = v.conn.Close()
	v.Leave()
}

// end says why the stream ends, and closes the connection.
func (v *Viewer) end(why End) {
	_, _ = v.write(Event("end", []byte(`{"reason":"`+why+`"}`)), stall) // a viewer that does not take it sees that the connection ends
	_ = v.conn.Close()
	v.Leave()
}

// Publish writes a view to all viewers that have had the last one. It keeps the text.
func (f *Feed) Publish(text []byte) {
	f.writing.Lock()
	defer f.writing.Unlock()
	round := f.take()
	kept := round[:0]
	for _, v := range round {
		rest, err := v.write(text, stall)
		switch {
		case err == nil:
			kept = append(kept, v)
		case errors.Is(err, os.ErrDeadlineExceeded):
			go v.slow(rest)
		default:
			v.gone(err)
		}
	}
	f.mu.Lock()
	f.ready = append(f.ready, kept...)
	f.mu.Unlock()
}

// slow lets a viewer that has not taken a view catch up.
func (v *Viewer) slow(rest []byte) {
	f := v.feed
	f.count(1)
	v.catchUp(rest)
	f.count(-1)
}

func (f *Feed) count(late int) {
	f.mu.Lock()
	f.late += late
	f.mu.Unlock()
}

// take returns the viewers that are ready, and counts the others as skipped.
func (f *Feed) take() (round []*Viewer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	round, f.ready = f.ready, nil
	f.skipped.Add(uint64(f.late))
	return round
}

// Stop ends the streams of all viewers. There are no others after it.
func (f *Feed) Stop() {
	f.begin(Stopped)
	f.dismiss()
}

// Reload begins a new term, calls use, which puts the access rule of that term into use, and only then ends the streams of the
// viewers of earlier terms. So a viewer that comes back at once is checked by the new rule, and its stream is not ended again.
func (f *Feed) Reload(use func()) {
	f.begin(Reloaded)
	use()
	f.dismiss()
}

// begin begins a new term. There is none after a stop.
func (f *Feed) begin(why End) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.why != Stopped {
		f.ends++
		f.why = why
	}
}

// dismiss ends the streams of the viewers of earlier terms that are ready. The others see the new term when they would be.
func (f *Feed) dismiss() {
	f.writing.Lock()
	defer f.writing.Unlock()
	f.mu.Lock()
	why := f.why
	var ended []*Viewer
	f.ready = slices.DeleteFunc(f.ready, func(v *Viewer) bool {
		if v.ends == f.ends {
			return false
		}
		ended = append(ended, v)
		return true
	})
	f.mu.Unlock()
	for _, v := range ended {
		v.end(why)
	}
}
