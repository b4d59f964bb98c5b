package netpoll_test

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"momentum/netpoll"
)

// ask connects and sends a request, so that an echo with answers sends those.
func ask(t *testing.T, l *netpoll.Listener) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := c.Write([]byte("go")); err != nil {
		t.Fatal(err)
	}
	return c.(*net.TCPConn)
}

// TestQueuedWritesArriveInOrder: the client reads only after everything has been written, and 16 MiB are more than the kernel
// keeps. So the end of the first part and all further parts are queued by gnet.
func TestQueuedWritesArriveInOrder(t *testing.T) {
	e := &echo{answered: make(chan struct{}), answers: [][]byte{
		bytes.Repeat([]byte("a"), 16<<20), []byte("b"), bytes.Repeat([]byte("c"), 1<<20), []byte("d"),
	}}
	c := ask(t, serve(t, e, 1))
	<-e.answered
	want := bytes.Join(e.answers, nil)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes did not arrive as they were sent: %v", len(want), err)
	}
}

// TestWriteToAResetSocketEndsTheConnection: gnet finds the error and closes the socket.
func TestWriteToAResetSocketEndsTheConnection(t *testing.T) {
	reset, closed := make(chan struct{}), make(chan error, 1)
	e := &echo{onClose: func(cause error) { closed <- cause }, before: reset, answers: [][]byte{{'a'}, {'b'}, {'c'}}}
	c := ask(t, serve(t, e, 1))
	if err := c.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	c.Close()
	close(reset)
	select {
	case cause := <-closed:
		if cause == nil {
			t.Error("closed without a cause")
		}
	case <-time.After(patience):
		t.Error("the connection was not closed")
	}
}
