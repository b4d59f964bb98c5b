package netpoll

import (
	"io"
	"net"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAnAdoptedConnectionBeginsWithTheBytesThatHadArrived and goes on with the socket's, however little is read at a time.
func TestAnAdoptedConnectionBeginsWithTheBytesThatHadArrived(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	file, err := accepted.(*net.TCPConn).File()
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Dup(int(file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	accepted.Close()
	c, err := Adopt(fd, []byte("GET /health"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := client.Write([]byte(" HTTP/1.1")); err != nil {
		t.Fatal(err)
	}
	client.Close()
	var got []byte
	for b := make([]byte, 4); err == nil; {
		var n int
		n, err = c.Read(b)
		got = append(got, b[:n]...)
	}
	if string(got) != "GET /health HTTP/1.1" || err != io.EOF {
		t.Errorf("read %q, then %v", got, err)
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
		t.Error("the descriptor is still open beside the connection's own")
	}
}

func TestAdoptClosesADescriptorThatIsNoSocket(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	fd, err := unix.Dup(int(r.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	if _, err := Adopt(fd, nil); err == nil {
		t.Error("a pipe was adopted")
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
		t.Error("its descriptor is still open")
	}
}
