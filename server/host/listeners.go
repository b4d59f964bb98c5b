package host

import (
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Layout of the kernel's messages about sockets (sock_diag(7), inet_diag.h).
const (
	byFamily      = 20 // SOCK_DIAG_BY_FAMILY
	requestBytes  = unix.SizeofNlMsghdr + 56
	answerBytes   = 72 // of inet_diag_msg
	portAt        = 4
	waitingAt     = 56
	maxAt         = 60
	netlinkWait   = 100 * time.Millisecond
	datagramBytes = 32 << 10
)

// Listeners returns how many connections wait in the accept queues of a TCP port, and for how many these have room. It asks the kernel for
// the listening sockets alone: proc/net/tcp lists all sockets of the host, and to read its beginning costs more with each of them, which
// took half of the processor time of a host with 400,000 connections.
func Listeners(port int) (waiting, most int64, err error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return 0, 0, fmt.Errorf("cannot ask the kernel for sockets: %w", err)
	}
	defer func() { _ = unix.Close(fd) }()
	limit := unix.NsecToTimeval(int64(netlinkWait))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit); err != nil {
		return 0, 0, fmt.Errorf("cannot ask the kernel for sockets: %w", err)
	}
	for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
		w, m, err := listenersOf(fd, family, port)
		if err != nil {
			return 0, 0, fmt.Errorf("cannot ask the kernel for listening sockets: %w", err)
		}
		waiting, most = waiting+w, most+m
	}
	return waiting, most, nil
}

// listenersOf asks for the listening sockets of a family, and adds up those of a port.
func listenersOf(fd int, family byte, port int) (waiting, most int64, err error) {
	if err := unix.Sendto(fd, request(family), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return 0, 0, os.NewSyscallError("sendto", err)
	}
	datagram := make([]byte, datagramBytes)
	for {
		n, _, err := unix.Recvfrom(fd, datagram, 0)
		if err != nil {
			return 0, 0, os.NewSyscallError("recvfrom", err)
		}
		w, m, over, err := sum(datagram[:n], port)
		waiting, most = waiting+w, most+m
		if over || err != nil {
			return waiting, most, err
		}
	}
}

// request makes the question for all listening TCP sockets of a family.
func request(family byte) []byte {
	b := make([]byte, requestBytes)
	binary.NativeEndian.PutUint32(b, requestBytes)
	binary.NativeEndian.PutUint16(b[4:], byFamily)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	body := b[unix.SizeofNlMsghdr:]
	body[0], body[1] = family, unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(body[4:], 1<<unix.BPF_TCP_LISTEN)
	return b
}

// sum adds up the queues of the port's sockets in a datagram, and reports whether it is the last one.
func sum(datagram []byte, port int) (waiting, most int64, over bool, err error) {
	for len(datagram) >= unix.SizeofNlMsghdr {
		size := int(binary.NativeEndian.Uint32(datagram))
		if size < unix.SizeofNlMsghdr || size > len(datagram) {
			return waiting, most, true, unix.EBADMSG
		}
		body := datagram[unix.SizeofNlMsghdr:size]
		switch kind := binary.NativeEndian.Uint16(datagram[4:]); {
		case kind == unix.NLMSG_DONE:
			return waiting, most, true, nil
		case kind == unix.NLMSG_ERROR:
			return waiting, most, true, refusal(body)
		case kind == byFamily && len(body) >= answerBytes && int(binary.BigEndian.Uint16(body[portAt:])) == port:
			waiting += int64(binary.NativeEndian.Uint32(body[waitingAt:]))
			most += int64(binary.NativeEndian.Uint32(body[maxAt:]))
		}
		datagram = datagram[min(len(datagram), (size+3)&^3):] // messages begin at multiples of four
	}
	return waiting, most, false, nil
}

// refusal returns the error of the kernel in a message.
func refusal(body []byte) error {
	if len(body) < 4 {
		return unix.EBADMSG
	}
	return unix.Errno(-int32(binary.NativeEndian.Uint32(body)))
}
