package main

import (
	"bufio"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// script answers each handshake with a 101 and frames, each of less than 126 bytes.
func script(t *testing.T, frames ...string) (target netip.AddrPort, heads <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	asked := make(chan string, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			in, head := bufio.NewReader(c), ""
			for !strings.HasSuffix(head, "\r\n\r\n") && err == nil {
				var line string
				line, err = in.ReadString('\n')
				head += line
			}
			asked <- head
			answer := "HTTP/1.1 101 Switching Protocols\r\n\r\n"
			for _, f := range frames {
				answer += "\x81" + string([]byte{byte(len(f))}) + f
			}
			_, _ = c.Write([]byte(answer))
		}
	}()
	return netip.MustParseAddrPort(l.Addr().String()), asked
}

const welcomeOfOurs = `{"message_type":"welcome","data":{"epoch":"e","broadcast":1,"direct":2}}`

// welcomed returns a connected fleet of our protocol.
func welcomed(t *testing.T, n int, more ...string) *fleet {
	t.Helper()
	target, _ := script(t, append([]string{welcomeOfOurs}, more...)...)
	f, err := newFleet(ours{}, []netip.AddrPort{target}, 0, n, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.close)
	if err := f.connect(patience); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAClientIsConnectedWhenItIsWelcome(t *testing.T) {
	f := welcomed(t, 3, `{"message_type":"text","data":{"content":"b00"},"seq":2}`)
	if f.open != 3 || f.fresh != 3 || f.recovered != 0 || f.underway != 0 {
		t.Errorf("%d open, %d fresh, %d recovered, %d under way", f.open, f.fresh, f.recovered, f.underway)
	}
	if got := f.clients[1].position.numbers; got != [2]uint64{2, 2} {
		t.Errorf("the position is %v", got)
	}
	if err := f.send(0, f.message("", "b1", 0)); err != nil {
		t.Error(err)
	}
}

func TestClientsThatWereCutOffComeBackUnlessTheyAreHeld(t *testing.T) {
	f := welcomed(t, 2)
	f.hold = true
	f.cut()
	if err := f.run(patience, passed(20*time.Millisecond)); err != nil || f.open != 0 {
		t.Fatalf("%d are open, %v", f.open, err)
	}
	if err := f.send(0, nil); err == nil {
		t.Error("a client without a connection sends")
	}
	f.hold = false
	if err := f.connect(patience); err != nil {
		t.Error(err)
	}
}

func TestARunEndsInTime(t *testing.T) {
	f := welcomed(t, 1)
	if err := f.run(time.Millisecond, func() bool { return false }); err == nil || !strings.Contains(err.Error(), "1 of 1 clients") {
		t.Error(err)
	}
	over := make(chan struct{})
	close(over)
	f.over = over
	if err := f.run(patience, func() bool { return false }); err != errOver {
		t.Error(err)
	}
}

func TestATimePasses(t *testing.T) {
	if !passed(-time.Second)() || passed(time.Hour)() {
		t.Error("a time is wrong")
	}
}
