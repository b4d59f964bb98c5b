package load

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Keys of what is no connection.
const (
	timerKey = -1
	stopKey  = -2
)

// eventsPerWait is how many sockets one epoll_wait may report. 12 bytes each.
const eventsPerWait = 1024

// poller waits for sockets, for a moment, and for the end of a context, in one system call.
type poller struct {
	epoll, timer, stop int
	events             [eventsPerWait]unix.EpollEvent
	armed              int64 // when the timer will go off; 0: it is not set
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
		_, _ = unix.Write(p.stop, binary.NativeEndian.AppendUint64(nil, 1)) // an eventfd takes this unless it is full, and then it is ready too
	})
	return p, nil
}

func (p *poller) open() (err error) {
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	// The timeout of epoll_wait counts milliseconds, which is more than many of the latencies to be measured.
	if p.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err != nil {
		return err
	}
	if p.stop, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		return err
	}
	return errors.Join(p.add(p.timer, unix.EPOLLIN|unix.EPOLLET, timerKey, 0), p.add(p.stop, unix.EPOLLIN|unix.EPOLLET, stopKey, 0))
}

// watch registers a descriptor. A closed one leaves by itself.
func (p *poller) add(fd int, events uint32, key, generation int32) error {
	return unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: key, Pad: generation})
}

// wait returns what is ready, at the latest at next. Both times are on the caller's clock.
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

// taken notes when the timer is among n events: it has to be set again.
func (p *poller) noteTimer(n int) int {
	for _, e := range p.events[:n] {
		if e.Fd == timerKey {
			p.armed = 0
		}
	}
	return n
}

// ready takes what is there already, without the scheduler being told that the loop may sleep.
func (p *poller) pollNow() int {
	n, _, failed := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.epoll), uintptr(unsafe.Pointer(&p.events)), eventsPerWait, 0, 0, 0)
	if failed != 0 {
		return 0 // whatever it is, the call that waits will meet it too
	}
	return p.noteTimer(int(n))
}

func (p *poller) close() {
	if p.cancelStop != nil && !p.cancelStop() {
		p.cancelStop = nil // the context's end may be writing to stop right now: leave that descriptor to the process's end
	} else if p.stop >= 0 {
		_ = unix.Close(p.stop)
	}
	for _, fd := range []int{p.epoll, p.timer} {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
}
