package load

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Keys of events that are not of a connection.
const (
	timerKey = -1
	stopKey  = -2
)

// eventsPerWait is how many sockets one epoll_wait may report, at 12 bytes each.
const eventsPerWait = 1024

// poller waits for sockets, for a time, and for the end of a context, in one system call.
type poller struct {
	epoll, timer, stop int
	events             [eventsPerWait]unix.EpollEvent
	armed              int64 // when the timer will expire; 0: it is not set
	cancelStop         func() bool
}

func newPoller(ctx context.Context) (*poller, error) {
	p := &poller{epoll: -1, timer: -1, stop: -1}
	err := p.open()
	if err != nil {
		p.close()
		return nil, fmt.Errorf("cannot set up epoll: %w", err)
	}
	p.cancelStop = context.AfterFunc(ctx, func() {
		_, _ = unix.Write(p.stop, binary.NativeEndian.AppendUint64(nil, 1)) // this fails only if the counter is full, and then the eventfd is ready too
	})
	return p, nil
}

func (p *poller) open() (err error) {
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	// The timeout of epoll_wait counts milliseconds, which is longer than many of the latencies that are measured.
	if p.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err != nil {
		return err
	}
	if p.stop, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		return err
	}
	return errors.Join(p.add(p.timer, unix.EPOLLIN|unix.EPOLLET, timerKey, 0), p.add(p.stop, unix.EPOLLIN|unix.EPOLLET, stopKey, 0))
}

// add registers a descriptor. Closing it removes it.
func (p *poller) add(fd int, events uint32, key, generation int32) error {
	return unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: key, Pad: generation})
}

// wait returns the events that are ready, or waits for them until next. Both times are on the caller's clock.
func (p *poller) wait(next, now int64) ([]unix.EpollEvent, error) {
	if n := p.pollNow(); n > 0 || next <= now {
		return p.events[:n], nil
	}
	if next != p.armed {
		until := unix.ItimerSpec{Value: unix.NsecToTimespec(next - now)}
		if err := unix.TimerfdSettime(p.timer, 0, &until, nil); err != nil {
			return nil, fmt.Errorf("cannot set the timer: %w", err)
		}
		p.armed = next
	}
	n, err := unix.EpollWait(p.epoll, p.events[:], -1)
	if errors.Is(err, unix.EINTR) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot wait on epoll: %w", err)
	}
	return p.events[:p.noteTimer(n)], nil
}

// noteTimer records that the timer has to be set again if its event is among the n events.
func (p *poller) noteTimer(n int) int {
	for _, e := range p.events[:n] {
		if e.Fd == timerKey {
			p.armed = 0
		}
	}
	return n
}

// pollNow returns the number of events that are ready. It does not tell the Go scheduler that the loop may sleep.
func (p *poller) pollNow() int {
	n, _, failed := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.epoll), uintptr(unsafe.Pointer(&p.events)), eventsPerWait, 0, 0, 0)
	if failed != 0 {
		return 0 // the call that waits will return the same error
	}
	return p.noteTimer(int(n))
}

func (p *poller) close() {
	if p.cancelStop != nil && !p.cancelStop() {
		p.cancelStop = nil // the function may be writing to stop right now, so that descriptor stays open
	} else if p.stop >= 0 {
		_ = unix.Close(p.stop)
	}
	for _, fd := range []int{p.epoll, p.timer} {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
}
