package netpoll

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// alarm wakes a reactor at a moment between two ticks: a timer of the kernel (timerfd), which a goroutine waits for. Go's own
// timers come a millisecond late in a process that has nothing else to do (docs/adr/0021-turn-after.md has the figures).
type alarm struct {
	fd    int
	timer *os.File // the same, read through Go's poller
}

// install makes the timer. wake is called each time that it goes off, until close.
func (a *alarm) install(wake func()) (err error) {
	a.fd, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return os.NewSyscallError("timerfd_create", err)
	}
	a.timer = os.NewFile(uintptr(a.fd), "alarm")
	go func() {
		expirations := make([]byte, 8)
		for {
			if _, err := a.timer.Read(expirations); err != nil {
				return // closed
			}
			wake()
		}
	}()
	return nil
}

// set lets the timer go off once, after d, which is more than 0. It replaces an earlier time.
func (a *alarm) set(d time.Duration) {
	_ = unix.TimerfdSettime(a.fd, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}, nil)
}

// close ends the goroutine. set may not be called any more.
func (a *alarm) close() { a.timer.Close() }
