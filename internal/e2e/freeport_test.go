package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

// freeAddr returns an address on which no program listens.
func freeAddr(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := 10000 + rand.IntN(20000)
		if _, given := givenPorts.LoadOrStore(port, true); given {
			continue
		}
		if l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// givenPorts are the ports that freeAddr has returned. They lie below those that the kernel gives to a socket by itself, so that
// nothing else takes one before the test's program listens there.
var givenPorts sync.Map
