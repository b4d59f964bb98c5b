package load

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls below do not block, so they bypass the Go scheduler. It would take the longer ones, above all connect on
// the loopback interface, for blocking calls, and give the loop's processor to another goroutine during them.

// endpoint is an address in the form that connect(2) needs.
type endpoint struct {
	raw    unix.RawSockaddrInet6 // or a RawSockaddrInet4 in its memory
	size   uintptr
	family int
}

// newEndpoint converts an address. A zone becomes the number of its interface, and the port is in network order.
func newEndpoint(a netip.AddrPort) (e endpoint, err error) {
	port := a.Port()<<8 | a.Port()>>8
	if a.Addr().Is4() {
		e.family, e.size = unix.AF_INET, unix.SizeofSockaddrInet4
		*(*unix.RawSockaddrInet4)(unsafe.Pointer(&e.raw)) = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: port, Addr: a.Addr().As4()}
		return e, nil
	}
	e.family, e.size = unix.AF_INET6, unix.SizeofSockaddrInet6
	e.raw = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: port, Addr: a.Addr().As16()}
	if zone := a.Addr().Zone(); zone != "" {
		e.raw.Scope_id, err = scope(zone)
	}
	return e, err
}

// scope returns the number of the interface that a zone names (RFC 4007 §11.2).
func scope(zone string) (uint32, error) {
	if number, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(number), nil
	}
	named, err := net.InterfaceByName(zone)
	if err != nil {
		return 0, fmt.Errorf("this host has no interface %s", zone)
	}
	return uint32(named.Index), nil
}

// dial starts a connection and does not wait for it. If from is the zero address, the kernel chooses one.
func dial(to *endpoint, from netip.Addr) (fd int, err error) {
	number, _, failed := unix.RawSyscall(unix.SYS_SOCKET, uintptr(to.family), unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if failed != 0 {
		return -1, failed
	}
	fd = int(number)
	if from.IsValid() {
		err = bind(fd, from)
	}
	if err == nil {
		err = connect(fd, to)
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// bind sets the source address. connect chooses the port, which only has to be free towards this one server.
func bind(fd int, from netip.Addr) error {
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
		return err
	}
	return unix.Bind(fd, &unix.SockaddrInet4{Addr: from.As4()})
}

func connect(fd int, to *endpoint) error {
	_, _, failed := unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&to.raw)), to.size)
	if failed != 0 && failed != unix.EINPROGRESS {
		return failed
	}
	return nil
}

// setNoDelay turns Nagle's algorithm off, which would delay a message until the one before is acknowledged.
func setNoDelay(fd int) error {
	return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
}

// send writes as much as the socket takes at once.
func send(fd int, data []byte) (n int, err error) {
	for n < len(data) {
		sent, _, failed := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&data[n])), uintptr(len(data)-n), unix.MSG_NOSIGNAL, 0, 0)
		switch failed {
		case 0:
			n += int(sent)
		case unix.EINTR:
		case unix.EAGAIN:
			return n, nil
		default:
			return n, failed
		}
	}
	return n, nil
}

// receive reads once. again means that there is no data now; 0 bytes without again mean the end of the stream.
func receive(fd int, into []byte) (n int, again bool, err error) {
	for {
		got, _, failed := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&into[0])), uintptr(len(into)))
		switch failed {
		case 0:
			return int(got), false, nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, true, nil
		default:
			return 0, false, failed
		}
	}
}

// reset closes at once: it drops unsent data and leaves no port in TIME_WAIT.
func reset(fd int) {
	_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	_ = unix.Close(fd)
}

// errnoName returns the symbolic name of a socket error, such as ECONNRESET.
func errnoName(err error) string {
	var code unix.Errno
	if errors.As(err, &code) {
		return unix.ErrnoName(code)
	}
	return err.Error()
}
