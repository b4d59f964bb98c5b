package redistest

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
)

// Ports are chosen from this range, below the one from which Linux takes the ports of outgoing connections: one of those
// could take the port of a server that is stopped, and a dial could connect to itself.
const firstPort, lastPort = 20_000, 32_000

// asked counts the ports that this test program has tried.
var asked atomic.Int64

// freePort returns a port of 127.0.0.1 that nothing uses. Test programs that run at once begin at different ports.
func freePort() (int, error) {
	const step = 127 // more than the ports that most test programs need, and no divisor of the range
	for range lastPort - firstPort {
		port := firstPort + (os.Getpid()*step+int(asked.Add(1)))%(lastPort-firstPort)
		l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no port of 127.0.0.1 is free")
}
