package netpoll

import (
	"fmt"
	"net"
	"os"
)

// Adopt makes an ordinary net.Conn of a descriptor from Conn.Dup, which reads the bytes that had arrived
// before it goes on to the socket. It takes ownership of fd, also when it fails.
func Adopt(fd int, arrived []byte) (net.Conn, error) {
	f := os.NewFile(uintptr(fd), "detached connection")
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, fmt.Errorf("cannot adopt a detached connection: %w", err)
	}
	return &replayed{Conn: c, arrived: arrived}, nil
}

// replayed is a connection some of whose bytes were read before.
type replayed struct {
	net.Conn
	arrived []byte
}

// Read returns what had arrived before, and then what arrives.
func (r *replayed) Read(p []byte) (int, error) {
	if len(r.arrived) == 0 {
		return r.Conn.Read(p)
	}
	n := copy(p, r.arrived)
	if r.arrived = r.arrived[n:]; len(r.arrived) == 0 {
		r.arrived = nil
	}
	return n, nil
}
