package netpoll

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// writeRaw writes b, which is not empty, to a socket that does not block, and returns how many bytes the kernel
// took. Go's scheduler is not told of the call, as it need not be of one that only copies.
func writeRaw(fd int, b []byte) int {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	if errno != 0 {
		return 0
	}
	return int(n)
}
