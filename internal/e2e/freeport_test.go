package e2e

import (
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"testing"
)

// freeAddr returns an address on which no program listens. It returns each port once, and they lie below those that the kernel
// gives to a socket by itself, so that nothing else takes one before the test's program listens there.
func freeAddr(t *testing.T) string {
	t.Helper()
	const first, count = 10_000, 20_000
	for range 1000 {
		port := first + (os.Getpid()*97+int(nextPort.Add(1)))%count // other test processes begin elsewhere
		if l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

var nextPort atomic.Int64
