package siege

import (
	"bytes"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// bytesPerReader is what may be queued for one that does not read (netpoll's DefaultOutbound, 1 MiB), and gnet's
// blocks for it; garbage may come to as much again.
const bytesPerReader = 5 << 19

// TestReadersThatDoNotRead has broadcasts flow past those who read nothing, and those who read a byte a second.
// They are told that they are too slow, should they ever come to read it.
func TestReadersThatDoNotRead(t *testing.T) {
	size := sized(40, 200)
	n := serve(t, 0)
	w := gather(t, n)
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
		eventually(t, "those who do not read are closed", func() bool { return n.stats().Closed["slow"] == size })
	})
	var told atomic.Int64
	side(size, size, func(i int) {
		_ = all[i].(*net.TCPConn).SetReadBuffer(1 << 20) // they wake up
		if closeCode(all[i]) == 1013 {
			told.Add(1)
		}
	})
	t.Logf("%d of %d read 1013", told.Load(), size)
	if int(told.Load()) < size*9/10 { // the flush of those who were closed first may have timed out on a busy machine
		t.Errorf("only %d of %d read 1013", told.Load(), size)
	}
	weigh(t, n, before, size, bytesPerReader)
	disperse(append(all, shouters...))
	w.alone()
}

// shout sends 32 KB messages to all, just within the rate limit: they count as eight of a hundred a second.
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

// nibble reads a byte a second from each.
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
