package crowd

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// poller is an epoll instance for one goroutine, which waits in the runtime's poller. If it waited in the system call, the runtime would look
// after it some sixty times in the first 10 ms: with 110 processes on two cores, that took a tenth of both.
type poller struct {
	fd   int
	file *os.File // the same, for the runtime
	raw  syscall.RawConn
}

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil { // so that NewFile gives it to the runtime's poller
		return nil, errors.Join(err, unix.Close(fd))
	}
	p := &poller{fd: fd, file: os.NewFile(uintptr(fd), "epoll")}
	if p.raw, err = p.file.SyscallConn(); err != nil {
		return nil, errors.Join(err, p.file.Close())
	}
	return p, nil
}

// wait returns how many events there are. It waits for one, for some time at most; negative: for ever.
func (p *poller) wait(events []unix.EpollEvent, most time.Duration) (n int, err error) {
	look := func(uintptr) (done bool) {
		n, err = unix.EpollWait(p.fd, events, 0)
		return n > 0 || err != nil
	}
	if look(0) || most == 0 {
		return n, err
	}
	deadline := time.Time{}
	if most > 0 {
		deadline = time.Now().Add(most)
	}
	if err := p.file.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	if err := p.raw.Read(look); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return 0, err
	}
	return n, err
}
