package main

import (
	"bytes"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sys/unix"
)

// TestAPingIsAnswered and is not a message of the workload.
func TestAPingIsAnswered(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[0])
	defer unix.Close(fds[1])
	c, e := &conn{fd: fds[0]}, &echoLoad{newTally(), nil}
	if err := c.deliver(nil, []byte("\x89\x00"), e); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 100)
	n, err := read(fds[1], got)
	if want := append([]byte("\x8a\x80"), maskKey[:]...); err != nil || !bytes.Equal(got[:n], want) || e.count != 0 {
		t.Errorf("answered with %x, %v; %d messages counted", got[:max(0, n)], err, e.count)
	}
}

func TestAClosedConnectionIsAnError(t *testing.T) {
	s := plainServer{newMembers(), false}
	f := connectFleet(t, s, &plainDialect, 1)
	_ = s.all[0].CloseNow()
	var err error
	for range 300 {
		if err = f.run(listening{}, time.Now().Add(100*time.Millisecond)); err != nil {
			break
		}
	}
	if !errors.Is(err, errClosed) {
		t.Errorf("a closed connection: %v", err)
	}
}

// TestASocketThatIsFullIsAnError: few bytes are outstanding, so it means that the server does not read.
func TestASocketThatIsFullIsAnError(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	silent := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := websocket.Accept(w, r, nil); err == nil {
			defer c.CloseNow()
			<-stop
		}
	})
	f := openFleet(t, silent, &plainDialect)
	if err := f.connect(1, func(time.Duration) {}); err != nil {
		t.Fatal(err)
	}
	if err := f.conns[0].send(make([]byte, 64<<20), time.Now()); err == nil {
		t.Error("a socket took 64 MiB")
	}
}
