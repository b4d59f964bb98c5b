package siege

import (
	"bytes"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// bytesPerReader is the memory for a client that does not read: the outbound limit (netpoll's DefaultOutbound, 1 MiB) in
// gnet's blocks. The garbage collector may double that.
const bytesPerReader = 5 << 19

// TestReadersThatDoNotRead broadcasts to clients that read nothing or a byte a second. They are closed with 1013, which they
// find when they read again.
func TestReadersThatDoNotRead(t *testing.T) {
	size := sized(40, 200)
	n := serve(t, 0)
	w := connectBystanders(t, n)
	before := n.memory("VmRSS")
	all := crowd(t, size, func(i int) (net.Conn, error) {
		c, err := n.enter(i, token(t, fmt.Sprintf("deaf%d", i)))
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(4 << 10)
		}
		return c, err
	})
	shouters := n.members(t, "shouter", 4)
	w.withstand(func() {
		stop := make(chan struct{})
		defer close(stop)
		for _, c := range shouters {
			go drain(c)
			go shout(c, stop)
		}
		go nibble(all[:size/4], stop)
		eventually(t, "clients that do not read are closed", func() bool { return n.stats().Closed["slow"] == size })
	})
	var told atomic.Int64
	side(size, size, func(i int) {
		_ = all[i].(*net.TCPConn).SetReadBuffer(1 << 20) // they read again
		if closeCode(all[i]) == 1013 {
			told.Add(1)
		}
	})
	t.Logf("%d of %d read 1013", told.Load(), size)
	if int(told.Load()) < size*9/10 { // on a busy machine, the flush of the first ones closed may have timed out
		t.Errorf("only %d of %d read 1013", told.Load(), size)
	}
	checkMemory(t, n, before, size, bytesPerReader)
	disperse(append(all, shouters...))
	w.alone()
}

// shout broadcasts messages of 32 KB within the rate limit: each counts as eight of the hundred a second.
func shout(c net.Conn, stop <-chan struct{}) {
	message := frame(0x81, fmt.Appendf(nil, `{"message_type":"text","data":"%s"}`, bytes.Repeat([]byte{'a'}, 32<<10)))
	every := time.NewTicker(100 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-stop:
			return
		case <-every.C:
			if _, err := c.Write(message); err != nil {
				return
			}
		}
	}
}

// nibble reads a byte a second from each connection.
func nibble(all []net.Conn, stop <-chan struct{}) {
	every := time.NewTicker(time.Second)
	defer every.Stop()
	one := make([]byte, 1)
	for {
		select {
		case <-stop:
			return
		case <-every.C:
			for _, c := range all {
				_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
				_, _ = c.Read(one)
			}
		}
	}
}
