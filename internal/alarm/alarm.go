// Package alarm has timers that are precise below a millisecond. Go's own come a millisecond late in a process that has nothing else to do
// (docs/adr/0021-turn-after.md has the figures).
package alarm

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Alarm is a timer of the kernel (timerfd), and a goroutine that waits for it.
type Alarm struct {
	fd    int
	timer *os.File // the same, read through Go's poller
}

// New makes an alarm that is not set. It calls ring each time that it goes off, until Close. The error is that of the system call.
func New(ring func()) (*Alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	a := &Alarm{fd, os.NewFile(uintptr(fd), "alarm")}
	go func() {
		expirations := make([]byte, 8)
		for {
			if _, err := a.timer.Read(expirations); err != nil {
				return // closed
			}
			ring()
		}
	}()
	return a, nil
}

// Set lets the alarm go off once, after d, which is more than 0. It replaces an earlier time.
func (a *Alarm) Set(d time.Duration) {
	_ = unix.TimerfdSettime(a.fd, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}, nil)
}

// Close ends the goroutine, and returns an error if the alarm is closed already. Set may not be called any more. A nil alarm, which could not be
// made, is closed.
func (a *Alarm) Close() error {
	if a == nil {
		return os.ErrClosed
	}
	return a.timer.Close()
}
