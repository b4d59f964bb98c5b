package redistest

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// short is a time in which nothing must come.
const short = 50 * time.Millisecond

// pair is both ends of a connection through a proxy.
type pair struct {
	proxy          *Proxy
	client, server *net.TCPConn
}

func newPair(t *testing.T) pair {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	p := pair{proxy: NewProxy(t, l.Addr().String())}
	client, err := net.Dial("tcp", p.proxy.Addr())
	must(t, err)
	t.Cleanup(func() { client.Close() })
	server, err := l.Accept()
	must(t, err)
	t.Cleanup(func() { server.Close() })
	p.client, p.server = client.(*net.TCPConn), server.(*net.TCPConn)
	send(t, p.client, "?")
	expect(t, p.server, "?") // the proxy knows the connection by now
	return p
}

// from returns the end that sends in a direction.
func (p pair) from(d Direction) *net.TCPConn {
	return [...]*net.TCPConn{ToServer: p.client, ToClient: p.server}[d]
}

// to returns the end that receives in a direction.
func (p pair) to(d Direction) *net.TCPConn { return p.from(1 - d) }

func send(t *testing.T, conn *net.TCPConn, text string) {
	t.Helper()
	_, err := conn.Write([]byte(text))
	must(t, err)
}

func expect(t *testing.T, conn *net.TCPConn, want string) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	got := make([]byte, len(want))
	if n, err := io.ReadFull(conn, got); string(got) != want {
		t.Fatalf("%q came (%v), not %q", got[:n], err, want)
	}
}

// expectSilence checks that neither bytes nor an end come.
func expectSilence(t *testing.T, conn *net.TCPConn) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(short))
	if n, err := conn.Read(make([]byte, 100)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes came, or an end: %v", n, err)
	}
}

// awaitLoss waits until the connection has lost bytes of a direction: until then, they may still be on their way to the proxy.
func (p pair) awaitLoss(t *testing.T, d Direction) {
	t.Helper()
	await(t, "loss", func() (lost any, ok bool) {
		p.proxy.each(func(l *link) { ok = l.lost[d].Load() })
		return ok, ok
	})
}

func expectEnd(t *testing.T, conn *net.TCPConn, want error) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	if n, err := conn.Read(make([]byte, 100)); !errors.Is(err, want) {
		t.Errorf("%d bytes and %v came, not %v", n, err, want)
	}
}

func eachDirection(t *testing.T, test func(*testing.T, Direction)) {
	t.Run("to the server", func(t *testing.T) { test(t, ToServer) })
	t.Run("to the client", func(t *testing.T) { test(t, ToClient) })
}

func TestAHeldDirectionGoesOnWithAllBytes(t *testing.T) {
	eachDirection(t, func(t *testing.T, d Direction) {
		p := newPair(t)
		p.proxy.Hold(d)
		send(t, p.from(d), "held")
		must(t, p.from(d).CloseWrite())
		send(t, p.from(1-d), "other")
		expect(t, p.to(1-d), "other")
		expectSilence(t, p.to(d))
		p.proxy.Pass(d)
		expect(t, p.to(d), "held")
		expectEnd(t, p.to(d), io.EOF)
	})
}

func TestADroppedDirectionStaysDeafAfterALoss(t *testing.T) {
	eachDirection(t, func(t *testing.T, d Direction) {
		p := newPair(t)
		p.proxy.Drop(d)
		p.proxy.Pass(d)
		send(t, p.from(d), "nothing was lost")
		expect(t, p.to(d), "nothing was lost")
		p.proxy.Drop(d)
		send(t, p.from(d), "lost")
		p.awaitLoss(t, d)
		p.proxy.Pass(d)
		send(t, p.from(d), "lost, too")
		must(t, p.from(d).CloseWrite())
		expectSilence(t, p.to(d))
		send(t, p.from(1-d), "other")
		expect(t, p.to(1-d), "other")
	})
}

func TestADelayedDirectionCarriesBytesInOrderAndLate(t *testing.T) {
	eachDirection(t, func(t *testing.T, d Direction) {
		const delay = 100 * time.Millisecond
		p := newPair(t)
		p.proxy.Delay(d, delay)
		started := time.Now()
		send(t, p.from(d), "a")
		send(t, p.from(1-d), "other")
		expect(t, p.to(1-d), "other")
		send(t, p.from(d), "b")
		must(t, p.from(d).CloseWrite())
		expect(t, p.to(d), "ab")
		if took := time.Since(started); took < delay {
			t.Errorf("the bytes took %v", took)
		}
		expectEnd(t, p.to(d), io.EOF)
	})
}

func TestAHalfOpenConnectionEndsAtOneEnd(t *testing.T) {
	eachDirection(t, func(t *testing.T, d Direction) {
		p := newPair(t)
		p.proxy.HalfOpen(d)
		expectEnd(t, p.to(d), io.EOF)
		send(t, p.from(d), "into the void")
		expectSilence(t, p.from(d))
		if n := p.proxy.Connections(); n != 1 {
			t.Errorf("%d connections", n)
		}
	})
}

func TestAResetReachesBothEnds(t *testing.T) {
	p := newPair(t)
	p.proxy.Hold(ToServer)
	send(t, p.client, "lost")
	p.proxy.Reset()
	expectEnd(t, p.client, syscall.ECONNRESET)
	expectEnd(t, p.server, syscall.ECONNRESET)
	await(t, "end of the connection", func() (any, bool) { n := p.proxy.Connections(); return n, n == 0 })
}

func TestEndsOfBothDirectionsEndAConnection(t *testing.T) {
	p := newPair(t)
	must(t, p.client.CloseWrite())
	expectEnd(t, p.server, io.EOF)
	send(t, p.server, "answer")
	expect(t, p.client, "answer")
	must(t, p.server.Close())
	expectEnd(t, p.client, io.EOF)
	await(t, "end of the connection", func() (any, bool) { n := p.proxy.Connections(); return n, n == 0 })
}

// TestASubscriberCanBeDeafWhileCommandsWork is the case for which the proxy exists: an open connection that gets nothing.
func TestASubscriberCanBeDeafWhileCommandsWork(t *testing.T) {
	s := Start(t)
	proxy := NewProxy(t, s.Addr())
	conn, err := Dial("redis://"+proxy.Addr(), nil)
	must(t, err)
	defer conn.Close()
	_, err = conn.Do("SUBSCRIBE", "news")
	must(t, err)
	proxy.Drop(ToClient)
	if n := s.Do(t, "PUBLISH", "news", "lost"); n != int64(1) {
		t.Error("Redis has subscribers:", n)
	}
	if got, err := conn.Receive(short); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the subscriber gets %v, %v", got, err)
	}
	proxy.Pass(ToClient)
	again, err := Dial("redis://"+proxy.Addr(), nil)
	must(t, err)
	defer again.Close()
	if got, err := again.Do("PING"); got != "PONG" {
		t.Error("a new connection:", got, err)
	}
}

func TestNewConnectionsGoToTheNewTarget(t *testing.T) {
	first, second := Start(t), Start(t)
	second.Do(t, "SET", "name", "second")
	proxy := NewProxy(t, first.Addr())
	proxy.Retarget(second.Addr())
	conn, err := Dial("redis://"+proxy.Addr(), nil)
	must(t, err)
	defer conn.Close()
	if got, err := conn.Do("GET", "name"); got != "second" {
		t.Error(got, err)
	}
	second.Kill(t)
	expectEnd(t, conn.Conn.(*net.TCPConn), io.EOF)
	if refused, err := Dial("redis://"+proxy.Addr(), nil); err == nil { // the reset may also come later
		defer refused.Close()
		if got, err := refused.Do("PING"); err == nil {
			t.Error("a server that has ended answers", got)
		}
	}
}

func TestADeafenedProxyDropsConnectionsOfSubscriptionsAlone(t *testing.T) {
	p, q := newPair(t), newPair(t)
	for _, one := range []pair{p, q} {
		one.proxy.Deafen()
	}
	send(t, p.client, "SSUBSCRIBE a")
	expect(t, p.server, "SSUBSCRIBE a")
	send(t, p.server, "lost")
	p.awaitLoss(t, ToClient)
	send(t, p.client, "more")
	expect(t, p.server, "more")
	send(t, q.client, "SUNSUBSCRIBE a")
	expect(t, q.server, "SUNSUBSCRIBE a")
	send(t, q.server, "answer")
	expect(t, q.client, "answer")
	p.proxy.Pass(ToClient)
	send(t, p.server, "lost too")
	_ = p.client.SetReadDeadline(time.Now().Add(short))
	if n, err := p.client.Read(make([]byte, 8)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes came, %v", n, err)
	}
}
