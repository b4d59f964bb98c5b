package load

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// dialed connects to a new listener and returns both ends.
func dialed(t *testing.T, listen string, from netip.Addr) (fd int, server net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		t.Skip("cannot listen there:", err)
	}
	defer listener.Close()
	to, err := newEndpoint(listener.Addr().(*net.TCPAddr).AddrPort())
	if err != nil {
		t.Fatal(err)
	}
	if fd, err = dial(&to, from); err != nil {
		t.Fatal(err)
	}
	if server, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return fd, server
}

func TestBothFamiliesAreDialed(t *testing.T) {
	for listen, from := range map[string]netip.Addr{
		"127.0.0.1:0": netip.MustParseAddr("127.0.0.9"), "[::1]:0": {},
	} {
		fd, server := dialed(t, listen, from)
		if peer := server.RemoteAddr().(*net.TCPAddr).AddrPort().Addr(); from.IsValid() && peer != from {
			t.Errorf("%s: the source is %s, want %s", listen, peer, from)
		}
		if n, err := send(fd, []byte("hello")); n != 5 || err != nil {
			t.Errorf("%s: sent %d: %v", listen, n, err)
		}
		got := make([]byte, 5)
		if _, err := io.ReadFull(server, got); err != nil || string(got) != "hello" {
			t.Errorf("%s: %q %v", listen, got, err)
		}
		if n, again, err := receive(fd, got); n != 0 || !again || err != nil {
			t.Errorf("%s: without data: %d %v %v", listen, n, again, err)
		}
		_ = unix.Close(fd)
	}
}

func TestSendStopsWhenTheSocketIsFull(t *testing.T) {
	fd, _ := dialed(t, "127.0.0.1:0", netip.Addr{})
	defer unix.Close(fd)
	much := make([]byte, 64<<20)
	if n, err := send(fd, much); err != nil || n == 0 || n == len(much) {
		t.Errorf("%d of %d bytes: %v", n, len(much), err)
	}
}

func TestAResetIsSeenByTheServer(t *testing.T) {
	fd, server := dialed(t, "127.0.0.1:0", netip.Addr{})
	reset(fd)
	if _, err := server.Read(make([]byte, 1)); !errors.Is(err, unix.ECONNRESET) || errnoName(err) != "ECONNRESET" {
		t.Errorf("%v", err)
	}
}
