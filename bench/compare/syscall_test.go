package main

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

func TestReadAndWriteReturnCountsAndErrors(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[0])
	b := make([]byte, 10)
	if n, err := read(fds[0], b); n != 0 || !errors.Is(err, unix.EAGAIN) {
		t.Errorf("a read without bytes: %d, %v", n, err)
	}
	if n, err := write(fds[1], []byte("hello")); n != 5 || err != nil {
		t.Errorf("a write: %d, %v", n, err)
	}
	if n, err := read(fds[0], b); string(b[:n]) != "hello" || err != nil {
		t.Errorf("a read: %q, %v", b[:n], err)
	}
	unix.Close(fds[1])
	if n, err := read(fds[0], b); n != 0 || err != nil {
		t.Errorf("a read at the end: %d, %v", n, err)
	}
}
