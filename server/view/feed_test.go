package view

import (
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// conn is a connection that takes bytes while it is open.
type conn struct {
	mu     sync.Mutex
	got    []string
	first  *byte // of the last write
	room   bool
	err    error
	closed chan struct{}
	freed  chan struct{} // a write with patience waits for it
	most   time.Duration // of the last write
	now    time.Time
}

func newConn() *conn {
	return &conn{room: true, closed: make(chan struct{}), freed: make(chan struct{})}
}

func (c *conn) Write(b []byte) (int, error) {
	c.mu.Lock()
	waits := !c.room && c.most == patience
	c.mu.Unlock()
	if waits {
		<-c.freed
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		return 0, c.err
	case !c.room:
		c.got = append(c.got, string(b[:1]))
		return 1, os.ErrDeadlineExceeded
	}
	c.got, c.first = append(c.got, string(b)), &b[0]
	return len(b), nil
}

func (c *conn) SetWriteDeadline(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.most = at.Sub(c.now)
	return nil
}

func (c *conn) Close() error {
	close(c.closed)
	return nil
}

// set changes the connection between two writes.
func (c *conn) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

func (c *conn) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.got, "|")
}

func newFeed(admin, public int) *Feed {
	return NewFeed(admin, public, func() time.Time { return time.Time{} })
}

func enter(t *testing.T, f *Feed, d Door) (*Viewer, *conn) {
	t.Helper()
	v, err := f.Enter(d, f.Term())
	if err != nil {
		t.Fatal("there is no place")
	}
	return v, newConn()
}

func TestAllViewersGetTheSameBytes(t *testing.T) {
	f := newFeed(100, 0)
	if f.Watched() {
		t.Error("it is watched by nobody")
	}
	var all []*conn
	for range 100 {
		v, c := enter(t, f, AdminPort)
		v.Serve(c, []byte("first"))
		all = append(all, c)
	}
	text := []byte("one")
	f.Publish(text)
	for _, c := range all {
		if c.text() != "first|one" || c.first != &text[0] || c.most != stall {
			t.Errorf("a viewer gets %s, in at most %v", c.text(), c.most)
		}
	}
	if !f.Watched() || f.Viewers().Now != 100 {
		t.Errorf("%+v", f.Viewers())
	}
}

// TestASlowViewerSkipsViews gets the rest of the view that it did not take, and then the next one that is made.
func TestASlowViewerSkipsViews(t *testing.T) {
	f := newFeed(2, 0)
	slow, c := enter(t, f, AdminPort)
	slow.Serve(c, []byte("first"))
	quick, other := enter(t, f, AdminPort)
	quick.Serve(other, []byte("first"))
	c.set(func() { c.room = false })
	f.Publish([]byte("one"))
	eventually(t, func() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.late == 1 })
	f.Publish([]byte("two"))
	f.Publish([]byte("three"))
	c.set(func() { c.room = true })
	close(c.freed)
	eventually(t, func() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.late == 0 })
	f.Publish([]byte("four"))
	if c.text() != "first|o|ne|four" || other.text() != "first|one|two|three|four" || f.Viewers().Skipped != 2 {
		t.Errorf("the slow viewer gets %s, the other one %s; %d were skipped", c.text(), other.text(), f.Viewers().Skipped)
	}
}

func TestAViewerThatDoesNotReadIsCut(t *testing.T) {
	f := newFeed(1, 0)
	v, c := enter(t, f, AdminPort)
	c.room = false
	close(c.freed) // its patience is over
	v.Serve(c, []byte("first"))
	<-c.closed
	if got := f.Viewers(); got != (Viewers{Limit: 1, Cut: 1}) {
		t.Errorf("%+v", got)
	}
}

func TestAViewerThatHasGoneLeaves(t *testing.T) {
	f := newFeed(1, 0)
	v, c := enter(t, f, AdminPort)
	v.Serve(c, []byte("first"))
	c.set(func() { c.err = net.ErrClosed })
	f.Publish([]byte("one"))
	<-c.closed
	if got := f.Viewers(); got != (Viewers{Limit: 1}) {
		t.Errorf("%+v", got)
	}
}

func TestEachPortHasItsPlaces(t *testing.T) {
	f := newFeed(2, 1)
	public, _ := enter(t, f, PublicPort)
	if _, err := f.Enter(PublicPort, f.Term()); !errors.Is(err, ErrFull) {
		t.Error("there are two viewers on the WebSocket port")
	}
	enter(t, f, AdminPort)
	enter(t, f, AdminPort)
	if _, err := f.Enter(AdminPort, f.Term()); !errors.Is(err, ErrFull) {
		t.Error("there are three viewers on the admin port")
	}
	public.Leave()
	enter(t, f, PublicPort)
	if got := f.Viewers(); got != (Viewers{Now: 3, Limit: 3, Refused: 2}) {
		t.Errorf("%+v", got)
	}
}

// TestAReloadEndsTheStreamsOfItsTime: also that of a viewer that is not ready at the time.
func TestAReloadEndsTheStreamsOfItsTime(t *testing.T) {
	f := newFeed(3, 0)
	old, c := enter(t, f, AdminPort)
	old.Serve(c, []byte("first"))
	late, d := enter(t, f, AdminPort)
	reload(f)
	late.Serve(d, []byte("first"))
	young, e := enter(t, f, AdminPort)
	young.Serve(e, []byte("first"))
	f.Publish([]byte("after"))
	const ended = "first|event: end\ndata: {\"reason\":\"reloaded\"}\n\n"
	<-c.closed
	<-d.closed
	if c.text() != ended || d.text() != ended || e.text() != "first|after" {
		t.Errorf("%q, %q, %q", c.text(), d.text(), e.text())
	}
}

func TestAStoppedNodeHasNoViewers(t *testing.T) {
	f := newFeed(2, 0)
	v, c := enter(t, f, AdminPort)
	v.Serve(c, []byte("first"))
	f.Stop()
	reload(f)
	<-c.closed
	if _, err := f.Enter(AdminPort, f.Term()); !errors.Is(err, ErrStopped) || f.Viewers().Refused != 0 || !strings.Contains(c.text(), `"stopped"`) {
		t.Errorf("a viewer enters; the last one got %q", c.text())
	}
}

// eventually waits for another goroutine.
func eventually(t *testing.T, so func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 10_000 {
		if so() {
			return
		}
		<-tick.C
	}
	t.Fatal("it does not happen")
}

// TestAViewerOfAnEarlierAccessRuleIsEnded: its request passed the rule before a reload, and asked for a place after it.
func TestAViewerOfAnEarlierAccessRuleIsEnded(t *testing.T) {
	f := newFeed(1, 0)
	earlier := f.Term()
	reload(f)
	v, err := f.Enter(AdminPort, earlier)
	if err != nil {
		t.Fatal(err)
	}
	c := newConn()
	v.Serve(c, []byte("first"))
	<-c.closed
	if !strings.Contains(c.text(), `"reloaded"`) || f.Viewers().Now != 0 {
		t.Errorf("it gets %s; %+v", c.text(), f.Viewers())
	}
}

// reload replaces an access rule of which the test has no other use.
func reload(f *Feed) { f.Reload(func() {}) }

// TestAReloadEndsStreamsWhenTheNewRuleIsInUse: a viewer comes back as soon as its stream has ended, and then passes the new rule.
func TestAReloadEndsStreamsWhenTheNewRuleIsInUse(t *testing.T) {
	f := newFeed(3, 0)
	v, c := enter(t, f, AdminPort)
	v.Serve(c, []byte("first"))
	var quick *conn // of a viewer that comes before the others are told
	f.Reload(func() {
		if strings.Contains(c.text(), "reloaded") {
			t.Error("the stream ends while the earlier rule is in use")
		}
		v, quick = enter(t, f, AdminPort)
		v.Serve(quick, []byte("first"))
	})
	<-c.closed
	back, d := enter(t, f, AdminPort)
	back.Serve(d, []byte("first"))
	f.Publish([]byte("next"))
	if d.text() != "first|next" || quick.text() != "first|next" {
		t.Errorf("%q, %q", d.text(), quick.text())
	}
}
