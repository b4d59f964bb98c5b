package netpoll

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// writeRaw sends b, which is not empty, to a non-blocking socket, and returns how many bytes the kernel took. After an error
// that is 0. Go's scheduler need not know of the call, since it only copies. It is send(2) because write(2) also reads the
// file system's data of the descriptor, which is no longer in the cache if there are many connections.
func writeRaw(fd int, b []byte) int {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}
