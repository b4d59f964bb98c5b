package host

import (
	"errors"
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// listen returns a socket that listens on the loopback interface, and its port.
func listen(t *testing.T, family, backlog int) (port int) {
	t.Helper()
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	var to unix.Sockaddr = &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	if family == unix.AF_INET6 {
		to = &unix.SockaddrInet6{Addr: [16]byte{15: 1}}
	}
	if err := errors.Join(unix.Bind(fd, to), unix.Listen(fd, backlog)); err != nil {
		t.Skip(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	switch a := name.(type) {
	case *unix.SockaddrInet4:
		return a.Port
	case *unix.SockaddrInet6:
		return a.Port
	}
	t.Fatal("the socket has no port")
	return 0
}

func TestListenersHaveTheConnectionsThatWait(t *testing.T) {
	for family, host := range map[int]string{unix.AF_INET: "127.0.0.1", unix.AF_INET6: "::1"} {
		port := listen(t, family, 7)
		for n := range int64(3) {
			if waiting, most, err := Listeners(port); waiting != n || most != 7 || err != nil {
				t.Fatalf("%d of %d wait at %s after %d connections: %v", waiting, most, host, n, err)
			}
			conn, err := net.DialTCP("tcp", nil, &net.TCPAddr{IP: net.ParseIP(host), Port: port})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
		}
	}
	if waiting, most, err := Listeners(1); waiting != 0 || most != 0 || err != nil {
		t.Errorf("%d of %d wait at a port without a listener: %v", waiting, most, err)
	}
}

func TestAnswersOfTheKernelAreChecked(t *testing.T) {
	refused := make([]byte, 20)
	refused[0], refused[4], refused[16], refused[17], refused[18], refused[19] = 20, unix.NLMSG_ERROR, 0xf3, 0xff, 0xff, 0xff
	if _, _, over, err := sum(refused, 1); !over || !errors.Is(err, unix.EACCES) {
		t.Errorf("a refusal is read as %v, %v", over, err)
	}
	for _, size := range []byte{0, 15, 200} {
		broken := make([]byte, 32)
		broken[0] = size
		if _, _, over, err := sum(broken, 1); !over || !errors.Is(err, unix.EBADMSG) {
			t.Errorf("a message of %d bytes in 32 is read as %v, %v", size, over, err)
		}
	}
}
