package jitter

import (
	"bufio"
	"net"
	"strings"
	"testing"
)

// talk gives a client the bytes of a server, and returns its handshake's error.
func talk(t *testing.T, c *client, says string) error {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		peer, err := l.Accept()
		if err != nil {
			return
		}
		defer peer.Close()
		_, _ = bufio.NewReader(peer).ReadString('\n')
		_, _ = peer.Write([]byte(says))
	}()
	c.Addr = l.Addr().String()
	return c.connect(t.Context())
}

const (
	switching = "HTTP/1.1 101 Switching Protocols\r\n\r\n"
	fresh     = `{"message_type":"welcome","data":{"epoch":"k3x9","broadcast":7,"direct":2,"resumed":false,"reason":"new"}}`
	resumed   = `{"message_type":"welcome","data":{"epoch":"k3x9","broadcast":9,"direct":3,"resumed":true,"missed":3}}`
)

func server(text string) string { return "\x81\x7e\x00" + string(rune(len(text))) + text }

// TestAClientResumesWhereItLeftOff: its position comes from the first welcome and then from the messages, so that a cut in the
// middle of the missed messages loses none.
func TestAClientResumesWhereItLeftOff(t *testing.T) {
	r := &run{Options: Options{Clients: 1, Welcomes: true, Length: 1e9, Rate: Rate{10, 10},
		Request: func(_ int, position string) ([]byte, error) { return []byte("resume=" + position + "\n"), nil }}}
	c := r.newClient(0)
	for _, step := range []struct{ says, position string }{
		{fresh, "k3x9.7.2"},
		{resumed, "k3x9.7.2"},
	} {
		if err := talk(t, c, switching+server(step.says)); err != nil || c.position() != step.position {
			t.Errorf("%v, position %q, want %q", err, c.position(), step.position)
		}
	}
	c.receive([]byte(`{"id":"b0","message_type":"text","seq":8}`))
	c.receive([]byte(`{"id":"d1","message_type":"text","seq":3}`))
	c.receive([]byte(`{"id":"e1","message_type":"error"}`))
	c.receive([]byte(`{"id":"d2.user","message_type":"text"}`)) // without a number
	c.receive([]byte(`{"message_type":"gap","data":{}}`))
	if c.position() != "k3x9.8.3" || c.resumed != 1 || c.arrived.Load() != 3 || c.gaps != 1 {
		t.Errorf("position %q, %d resumed, %d arrived, %d gaps", c.position(), c.resumed, c.arrived.Load(), c.gaps)
	}
}

func TestARefusalIsAnError(t *testing.T) {
	r := &run{Options: Options{Clients: 1, Request: func(int, string) ([]byte, error) { return []byte("\n"), nil }}}
	if err := talk(t, r.newClient(0), "HTTP/1.1 503 Service Unavailable\r\n\r\n"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Error(err)
	}
}
