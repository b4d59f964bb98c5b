package netpoll_test

import (
	"bufio"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// onPatchedGnet reports whether this build has netpoll/gnet.patch: the Makefile passes its module file in GOFLAGS.
func onPatchedGnet() bool { return strings.Contains(os.Getenv("GOFLAGS"), "gnet.mod") }

// TestNoDescriptorForAConnection has a client connect when the process has no descriptor for it, as when another process has
// taken all of the host's. The connection waits, the others are served, and it is served when there is a descriptor.
func TestNoDescriptorForAConnection(t *testing.T) {
	if !onPatchedGnet() {
		t.Skip("gnet as published ends all loops in this case: see docs/adr/0007-gnet-patch.md")
	}
	l := serve(t, &echo{}, 1)
	there, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	talk(t, there)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "client")
	defer file.Close()
	port := l.Addr().(*net.TCPAddr).Port
	starve(t, func() {
		if err := unix.Connect(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			t.Fatal(err)
		}
		for range 20 { // between any two of these the loop fails to accept the waiting connection
			talk(t, there)
		}
		if l.Open() != 1 {
			t.Errorf("%d are open", l.Open())
		}
	})
	late, err := net.FileConn(file)
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	talk(t, late)
}

// starve calls do while the process may open no descriptor.
func starve(t *testing.T, do func()) {
	t.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := limit
	none.Cur = 0
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
	}()
	do()
}

func talk(t *testing.T, c net.Conn) {
	t.Helper()
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := c.Write([]byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(c).ReadString('\n'); line != "hello\n" {
		t.Fatalf("%q, %v", line, err)
	}
}
