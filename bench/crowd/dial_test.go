package crowd

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

func TestARefusedClientTriesTheNextNode(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	full := serve(t, func(_ int, _ string, c net.Conn) { fmt.Fprint(c, "HTTP/1.1 503 Service Unavailable\r\n\r\n") })
	free := serve(t, func(_ int, _ string, c net.Conn) { fmt.Fprint(c, accept); <-release })
	c := open(t, Options{}, 1, full, free)
	if err := c.Connect(patience); err != nil {
		t.Fatal(err)
	}
	if c.Figures.Refused != 1 || !strings.Contains(c.Refusal().Error(), "503 Service") {
		t.Errorf("%+v, %v", c.Figures, c.Refusal())
	}
}

func TestAnAnswerMayComeInPieces(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	addr := serve(t, func(_ int, _ string, c net.Conn) {
		for _, b := range []byte(accept + welcomed(false, 0, 7, 8)) {
			_, _ = c.Write([]byte{b})
		}
		<-release
	})
	c := open(t, Options{}, 1, addr)
	if err := c.Run(patience, func() bool { return c.clients[0].direct == 8 }); err != nil {
		t.Fatal(err)
	}
}

func TestClientsUseFurtherAddresses(t *testing.T) {
	c := open(t, Options{Source: [4]byte{127, 0, 1, 7}}, 1)
	if a, b := c.source(perSource-1), c.source(perSource); a != [4]byte{127, 0, 1, 7} || b != [4]byte{127, 0, 2, 7} {
		t.Errorf("%v and %v", a, b)
	}
}
