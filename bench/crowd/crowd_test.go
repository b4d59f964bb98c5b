package crowd

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

const patience = 20 * time.Second

// serve accepts connections until the end of the test.
func serve(t *testing.T, answer func(number int, request string, c net.Conn)) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for number := 0; ; number++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			in := bufio.NewReader(c)
			var request strings.Builder
			for line := ""; line != "\r\n" && err == nil; request.WriteString(line) {
				line, err = in.ReadString('\n')
			}
			answer(number, request.String(), c)
			c.Close()
		}
	}()
	return netip.MustParseAddrPort(l.Addr().String())
}

const accept = "HTTP/1.1 101 Switching Protocols\r\n\r\n"

// text returns a server's text frame.
func text(format string, args ...any) string {
	s := fmt.Sprintf(format, args...)
	if len(s) < 126 {
		return "\x81" + string(rune(len(s))) + s
	}
	return "\x81\x7e" + string([]byte{byte(len(s) >> 8), byte(len(s))}) + s
}

// welcomed returns a welcome and a direct message.
func welcomed(resumed bool, missed, direct, seq int) string {
	return text(`{"message_type":"welcome","data":{"epoch":"k3x9","broadcast":5,"direct":%d,"resumed":%v,"missed":%d}}`, direct, resumed, missed) +
		text(`{"id":"00000000-0000-0000-0000-00000000000z","message_type":"text","data":{"content":"77aaa"},"seq":%d}`, seq)
}

func open(t *testing.T, o Options, clients int, targets ...netip.AddrPort) *Crowd {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.Targets = targets
	c.Add(clients)
	return c
}

func TestAClientThatIsCutOffResumesFromItsPosition(t *testing.T) {
	asked := make(chan string, 2)
	release := make(chan struct{})
	defer close(release)
	addr := serve(t, func(number int, request string, c net.Conn) {
		line, _, _ := strings.Cut(request, " HTTP/1.1")
		asked <- line
		if number == 0 {
			fmt.Fprint(c, accept, welcomed(false, 0, 7, 8))
			return
		}
		fmt.Fprint(c, accept, welcomed(true, 1, 9, 9))
		<-release
	})
	var received []Message
	c := open(t, Options{Received: func(m *Message) error { received = append(received, *m); return nil }}, 1, addr)
	if err := c.Run(patience, func() bool { return c.Figures.Resumed == 1 && len(received) == 2 }); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"GET /ws?resume=", "GET /ws?resume=k3x9.5.8"} {
		if got := <-asked; got != want {
			t.Errorf("a client asked %q, not %q", got, want)
		}
	}
	if f := c.Figures; f.Fresh != 1 || f.Closed != 1 || f.Missed != 1 || f.Jumps+f.Twice+f.Failed != 0 {
		t.Errorf("%+v", f)
	}
	if m := received[1]; m.Seq != 9 || m.Tag != Direct || m.Sent != 77 || m.At == 0 {
		t.Errorf("%+v", m)
	}
}

func TestClientsThatAreHeldStayAway(t *testing.T) {
	addr := serve(t, func(_ int, _ string, c net.Conn) { fmt.Fprint(c, accept) })
	c := open(t, Options{}, 3, addr)
	c.Hold = true
	for range 3 {
		if err := c.Step(time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	if c.Figures != (Figures{}) || c.underway != 0 {
		t.Errorf("%+v", c.Figures)
	}
}

func TestCutConnectionsComeBack(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	addr := serve(t, func(number int, _ string, c net.Conn) {
		fmt.Fprint(c, accept)
		if number == 1 {
			<-release
		} else {
			_, _ = c.Read(make([]byte, 1)) // until the client's reset
		}
	})
	c := open(t, Options{Source: [4]byte{127, 0, 0, 9}}, 1, addr)
	for range 2 {
		if err := c.Connect(patience); err != nil {
			t.Fatal(err)
		}
		if c.Len() != 1 || c.Figures.Open != 1 {
			t.Errorf("%+v", c.Figures)
		}
		c.Cut()
	}
}

func TestAWaitThatIsTooLongIsAnError(t *testing.T) {
	c := open(t, Options{}, 1)
	if err := c.Connect(time.Millisecond); err == nil || !strings.Contains(err.Error(), "longer than 1ms") {
		t.Error(err)
	}
	if err := c.Send(0, Ping()); err == nil {
		t.Error("a client that is away can send")
	}
}
