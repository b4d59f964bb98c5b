package main

import (
	"bufio"
	"net"
	"net/netip"
	"testing"
	"time"

	"momentum/bench/crowd"
)

// connected returns connected clients of a node that says nothing.
func connected(t *testing.T, n int) *crowd.Crowd {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			in := bufio.NewReader(c)
			for line := ""; line != "\r\n" && err == nil; {
				line, err = in.ReadString('\n')
			}
			_, _ = c.Write([]byte("HTTP/1.1 101 Switching Protocols\r\n\r\n"))
		}
	}()
	c, err := crowd.New(crowd.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.Targets = []netip.AddrPort{netip.MustParseAddrPort(l.Addr().String())}
	c.Add(n)
	if err := c.Connect(connectTime); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestABroadcastHasArrivedWhenAllOthersHaveIt(t *testing.T) {
	b := newBroadcasts(2, 3)
	b.on(connected(t, 4))
	if b.senders[0] != 0 || b.senders[1] != 2 {
		t.Fatalf("the senders are %v", b.senders)
	}
	b.add(0, 3)
	b.add(2, 3)
	if err := b.flush(); err != nil || b.underway != 6 {
		t.Fatalf("%d are under way, %v", b.underway, err)
	}
	for delivery, want := range []int64{0, 0, 1} {
		if err := b.receive(&crowd.Message{Tag: crowd.Broadcast + 1}); err != nil || b.count != want {
			t.Errorf("after %d deliveries %d have arrived, %v", delivery+1, b.count, err)
		}
	}
	if b.due[2] != 1 || b.received != 3 {
		t.Errorf("the next message is not due: %v", b.due)
	}
	_ = b.receive(&crowd.Message{Tag: crowd.Direct})
	if b.received != 3 {
		t.Error("another message counts")
	}
}

func TestALoadEndsWhenNothingIsOnItsWay(t *testing.T) {
	l := &chats{outstanding: 2}
	l.on(connected(t, 2))
	l.stopping = true
	l.underway = 1
	if err := l.receive(&crowd.Message{Client: 1, Tag: crowd.Direct}); err != nil || l.due[1] != 0 || l.count != 1 {
		t.Errorf("a load that stops goes on: %v, %v", l.due, err)
	}
	if err := l.receive(&crowd.Message{Client: 1, Tag: crowd.Direct}); err != errTooMany {
		t.Errorf("a message that was not sent: %v", err)
	}
	l.underway = 0
	if err := l.run(time.Millisecond); err != nil || !l.stopping {
		t.Error(err)
	}
}
