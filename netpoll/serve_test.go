package netpoll_test

import (
	"bufio"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"momentum/netpoll"
)

const patience = 30 * time.Second

// echo sends everything back, or its answers instead, and counts posts.
type echo struct {
	posted   atomic.Int64
	applied  chan struct{} // if set, receives an element for each post
	onClose  func(cause error)
	answers  [][]byte
	before   chan struct{} // if set, answers wait until it is closed
	answered chan struct{} // if set, closed when they have been written
	finish   bool          // end the connection after them
}

func (e *echo) Opened(*netpoll.Conn)              {}
func (e *echo) Deadline(*netpoll.Conn) int        { return 1 }
func (e *echo) Slow(c *netpoll.Conn) int          { c.Abort(); return 1 }
func (e *echo) Closed(_ *netpoll.Conn, err error) { e.onClose(err) }
func (e *echo) Work(int) bool                     { return false }
func (e *echo) Ticked()                           {}

func (e *echo) Posted(*netpoll.Post, []byte) {
	e.posted.Add(1)
	if e.applied != nil {
		e.applied <- struct{}{}
	}
}

func (e *echo) Data(c *netpoll.Conn, b []byte) {
	if e.answers == nil {
		c.Send(b)
		return
	}
	if e.before != nil {
		<-e.before
	}
	for _, answer := range e.answers {
		c.SendLast(answer)
	}
	if e.answered != nil {
		close(e.answered)
	}
	if e.finish {
		c.Finish()
	}
}

func serve(t testing.TB, e *echo, reactors int) *netpoll.Listener {
	t.Helper()
	return serveOn(t, e, reactors, "127.0.0.1:0")
}

func serveOn(t testing.TB, e *echo, reactors int, addr string) *netpoll.Listener {
	t.Helper()
	if e.onClose == nil {
		e.onClose = func(error) {}
	}
	l, err := netpoll.Serve(newGroup(t, e, reactors), addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, l) })
	return l
}

// TestServeOnEveryReactor uses real sockets: every connection is served, on whichever loop it was accepted.
func TestServeOnEveryReactor(t *testing.T) {
	closed := make(chan error, 100)
	l := serve(t, &echo{onClose: func(err error) { closed <- err }}, 3)
	for range 50 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(patience))
		if _, err := c.Write([]byte("hello\n")); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(c).ReadString('\n'); line != "hello\n" {
			t.Fatalf("%q, %v", line, err)
		}
		c.Close()
		if cause := <-closed; cause == nil || !strings.Contains(cause.Error(), io.EOF.Error()) {
			t.Fatalf("closed with cause %v, want EOF", cause)
		}
	}
}

// TestPostsBeforeTheStartAreHandled: a bus may call as soon as it is made, before the port is served.
func TestPostsBeforeTheStartAreHandled(t *testing.T) {
	e := &echo{applied: make(chan struct{}, 2), onClose: func(error) {}}
	g := newGroup(t, e, 1)
	g.PostTo(0, netpoll.Post{}, nil)
	l, err := netpoll.Serve(g, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, l) })
	g.PostTo(0, netpoll.Post{}, nil)
	for range 2 {
		select {
		case <-e.applied:
		case <-time.After(patience):
			t.Fatalf("%d of 2 posts were handled", e.posted.Load())
		}
	}
}

// TestStopDoesNotWaitForGnet takes the fastest of several stops: gnet's own takes half a second each time.
func TestStopDoesNotWaitForGnet(t *testing.T) {
	fastest := time.Hour
	for range 5 {
		l := serve(t, &echo{}, 2)
		began := time.Now()
		stop(t, l)
		fastest = min(fastest, time.Since(began))
	}
	if fastest > 300*time.Millisecond {
		t.Errorf("the fastest of five stops took %v", fastest)
	}
}

// TestFinishOnARealSocket: the client receives all bytes and then a FIN, at once, while the server still accepts bytes. A
// reset instead could make the client lose the last bytes.
func TestFinishOnARealSocket(t *testing.T) {
	const words = "last words"
	l := serve(t, &echo{answers: [][]byte{[]byte(words)}, finish: true}, 1)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(time.Second))
	if got, err := io.ReadAll(c); string(got) != words || err != nil {
		t.Fatalf("received %q, then %v", got, err)
	}
	for range 2 { // a closed socket answers the first write with a reset, which fails the second
		if _, err := c.Write([]byte("x")); err != nil {
			t.Fatalf("the server's socket is closed already: %v", err)
		}
	}
}

// TestTheWildcardAddressIsIPv4 serves 0.0.0.0, which Go and gnet interpret differently, and connects by IPv4.
func TestTheWildcardAddressIsIPv4(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0"} {
		free, err := netpoll.FreeAddr(addr)
		if err != nil {
			t.Fatal(err)
		}
		if host, _, _ := net.SplitHostPort(free); host != "0.0.0.0" {
			t.Errorf("%s is served as %s", addr, free)
		}
	}
	l := serveOn(t, &echo{}, 2, "0.0.0.0:0")
	c, err := net.Dial("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Addr().(*net.TCPAddr).Port)))
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func TestPostsReachEveryRealReactor(t *testing.T) {
	const posts, reactors = 1000, 3
	e := &echo{applied: make(chan struct{}, posts*reactors)}
	l := serve(t, e, reactors)
	for range posts {
		l.PostAll(netpoll.Post{}, []byte("x"))
	}
	for n := range posts * reactors {
		select {
		case <-e.applied:
		case <-time.After(patience):
			t.Fatalf("%d of %d posts arrived", n, posts*reactors)
		}
	}
}

// BenchmarkDoorbell measures a post to a sleeping reactor until it is applied: a write, a read, a turn.
func BenchmarkDoorbell(b *testing.B) {
	e := &echo{}
	l := serve(b, e, 1)
	b.ReportAllocs()
	for i := int64(1); b.Loop(); i++ {
		l.PostAll(netpoll.Post{}, nil)
		for e.posted.Load() < i {
		}
	}
}
