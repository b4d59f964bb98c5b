package main

import (
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// courier has one user send messages to another at a fixed rate, whether or not earlier ones have arrived. The latency
// ends at the kernel's timestamp of what arrives, so that other work of the generator is not part of it.
type courier struct {
	*tally
	from, to conn
	frame    []byte
	size     int         // payload bytes of what arrives
	sent     []time.Time // of the outstanding messages
	input    []byte
	stamp    []byte
}

// newCourier opens two more connections, which the fleet does not read from.
func newCourier(f *fleet) (*courier, error) {
	crowd := len(f.conns)
	if err := f.connect(couriers, func(time.Duration) {}); err != nil {
		return nil, err
	}
	to := userID(crowd + 1).String()
	text := envelope(to, courierLetters)
	k := &courier{
		tally: newTally(), from: f.conns[crowd], to: f.conns[crowd+1],
		frame: frame([]byte(text)), size: len(text) + len(`,"from_user_id":""`) + len(to),
		input: make([]byte, readBytes), stamp: make([]byte, unix.CmsgSpace(int(unsafe.Sizeof(unix.Timespec{})))),
	}
	f.conns = f.conns[:crowd]
	for _, fd := range []int{k.from.fd, k.to.fd} {
		if err := unix.EpollCtl(f.poller, unix.EPOLL_CTL_DEL, fd, nil); err != nil {
			return nil, err
		}
	}
	return k, unix.SetsockoptInt(k.to.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
}

func (k *courier) close() {
	reset(k.from.fd)
	reset(k.to.fd)
}

// run sends and receives until then, on its own thread.
func (k *courier) run(until time.Time) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ready := []unix.PollFd{{Fd: int32(k.from.fd), Events: unix.POLLIN}, {Fd: int32(k.to.fd), Events: unix.POLLIN}}
	next := time.Now()
	for now := next; now.Before(until); now = time.Now() {
		if !now.Before(next) {
			if err := k.from.send(k.frame, now); err != nil {
				return err
			}
			k.sent = append(k.sent, now)
			next = next.Add(courierInterval)
		}
		_, err := unix.Poll(ready, max(0, int(time.Until(next).Milliseconds())))
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		if err := errors.Join(k.drain(), k.receive()); err != nil {
			return err
		}
	}
	if len(k.sent) > maxOutstanding {
		return fmt.Errorf("%d direct messages have not arrived", len(k.sent))
	}
	return nil
}

// drain discards what the sender receives.
func (k *courier) drain() error {
	if _, err := read(k.from.fd, k.input); err != nil && !errors.Is(err, unix.EAGAIN) {
		return fmt.Errorf("cannot read: %w", err)
	}
	return nil
}

// receive records the messages of one read.
func (k *courier) receive() error {
	n, stamped, _, _, err := unix.Recvmsg(k.to.fd, k.input, k.stamp, unix.MSG_DONTWAIT)
	if errors.Is(err, unix.EAGAIN) {
		return nil
	}
	if err != nil || n == 0 {
		return fmt.Errorf("cannot read: %w", errors.Join(err, errClosed))
	}
	arrived, err := arrival(k.stamp[:stamped])
	if err != nil {
		return err
	}
	for b := k.input[:n]; len(b) > 0; {
		rest, size, ok, err := k.to.stream.next(b)
		if err != nil {
			return err
		}
		if b = rest; ok && size == k.size {
			if len(k.sent) == 0 {
				return errTooMany
			}
			if !arrived.IsZero() {
				k.add(arrived.Sub(k.sent[0]))
			}
			k.sent = k.sent[1:]
		}
	}
	return nil
}

// arrival is when the kernel received the last part of what was read; it is zero for data from before the timestamps
// were turned on.
func arrival(control []byte) (time.Time, error) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return time.Time{}, err
	}
	for _, m := range messages {
		if m.Header.Type == unix.SCM_TIMESTAMPNS && len(m.Data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			at := (*unix.Timespec)(unsafe.Pointer(&m.Data[0]))
			return time.Unix(at.Unix()), nil
		}
	}
	return time.Time{}, nil
}
