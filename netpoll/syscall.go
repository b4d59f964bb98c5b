package netpoll

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// writeRaw sends b, which is not empty, to a socket that does not block, and returns how many bytes the kernel
// took. Go's scheduler is not told of the call, as it need not be of one that only copies. It is send(2) and not write(2),
// which looks at what the file system knows of a descriptor, too: lines that have left the cache where there are many.
func writeRaw(fd int, b []byte) int {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}
