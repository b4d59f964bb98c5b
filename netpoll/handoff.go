package netpoll

import (
	"fmt"
	"net"
	"os"
)

// Adopt makes a net.Conn of a descriptor from Conn.Dup. The net.Conn first returns the bytes that had arrived before, and
// then reads from the socket. Adopt takes ownership of fd, also if it fails.
func Adopt(fd int, arrived []byte) (net.Conn, error) {
	f := os.NewFile(uintptr(fd), "detached connection")
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, fmt.Errorf("cannot adopt a detached connection: %w", err)
	}
	return &replayed{Conn: c, arrived: arrived}, nil
}

// replayed is a connection that was read from before it was adopted.
type replayed struct {
	net.Conn
	arrived []byte
}

// Read returns the bytes that had arrived before, and then those of the socket.
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
