package crowd

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestAPollerWaitsForEventsAndForATime(t *testing.T) {
	p, err := newPoller()
	if err != nil {
		t.Fatal(err)
	}
	defer p.file.Close()
	bell, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(bell)
	if err := unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, bell, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(bell)}); err != nil {
		t.Fatal(err)
	}
	events := make([]unix.EpollEvent, 2)
	for _, most := range []time.Duration{0, time.Millisecond} {
		if n, err := p.wait(events, most); n != 0 || err != nil {
			t.Errorf("%d events without a cause after %v: %v", n, most, err)
		}
	}
	for range 3 { // also after a wait that has ended with an event
		go func() { _, _ = unix.Write(bell, []byte{1, 0, 0, 0, 0, 0, 0, 0}) }()
		if n, err := p.wait(events, -1); n != 1 || err != nil || events[0].Fd != int32(bell) {
			t.Fatalf("%d events, %v", n, err)
		}
		_, _ = unix.Read(bell, make([]byte, 8))
	}
}
