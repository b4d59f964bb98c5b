package main

import (
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// directLoad sends messages from one user to another at a steady pace, whether or not the earlier ones have arrived. It
// measures the time from each write to the kernel's timestamp of the received bytes, so that the generator's other work is
// not part of it.
type directLoad struct {
	*tally
	from, to conn
	frame    []byte
	sent     []time.Time // of the messages on their way
	input    []byte
	stamp    []byte
}

// newDirectLoad opens two more connections and takes them out of the fleet.
func newDirectLoad(f *fleet) (*directLoad, error) {
	others := len(f.conns)
	if err := f.connect(directEnds, func(time.Duration) {}); err != nil {
		return nil, err
	}
	to := userID(others + 1).String()
	text := envelope(directTag, to, directLetters)
	k := &directLoad{
		tally: newTally(), from: f.conns[others], to: f.conns[others+1],
		frame: frame([]byte(text)),
		input: make([]byte, readBufferBytes), stamp: make([]byte, unix.CmsgSpace(int(unsafe.Sizeof(unix.Timespec{})))),
	}
	f.conns = f.conns[:others]
	for _, fd := range []int{k.from.fd, k.to.fd} {
		if err := unix.EpollCtl(f.poller, unix.EPOLL_CTL_DEL, fd, nil); err != nil {
			return nil, err
		}
	}
	return k, unix.SetsockoptInt(k.to.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
}

func (k *directLoad) close() {
	reset(k.from.fd)
	reset(k.to.fd)
}

// run sends and receives until the given time, on a thread of its own.
func (k *directLoad) run(until time.Time) error {
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
			next = next.Add(directInterval)
		}
		_, err := unix.Poll(ready, max(0, int(time.Until(next).Milliseconds())))
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		if err := errors.Join(k.drain(), k.receive()); err != nil {
			return err
		}
	}
	if len(k.sent) > maxUndelivered {
		return fmt.Errorf("%d direct messages have not arrived", len(k.sent))
	}
	return nil
}

// drain throws away the bytes that the sender receives.
func (k *directLoad) drain() error {
	if _, err := read(k.from.fd, k.input); err != nil && !errors.Is(err, unix.EAGAIN) {
		return fmt.Errorf("cannot read: %w", err)
	}
	return nil
}

// receive records the messages in one read.
func (k *directLoad) receive() error {
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
		rest, _, ok, err := k.to.stream.next(b)
		if err != nil {
			return err
		}
		if b = rest; ok && k.to.stream.tag == directTag {
			if len(k.sent) == 0 {
				return errDuplicate
			}
			if !arrived.IsZero() {
				k.add(arrived.Sub(k.sent[0]))
			}
			k.sent = k.sent[1:]
		}
	}
	return nil
}

// arrival returns the time at which the kernel received the last of the bytes that were read. It is zero for bytes that came
// before the kernel began to add timestamps.
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
