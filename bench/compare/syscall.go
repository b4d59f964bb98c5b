package main

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// read and write are for non-blocking sockets, so the scheduler need not know of the call. Its work before and after an ordinary
// system call costs as much as a small read.

func read(fd int, b []byte) (int, error) {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	return outcome(n, errno)
}

func write(fd int, b []byte) (int, error) {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	return outcome(n, errno)
}

func outcome(n uintptr, errno unix.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
