package redistest

import (
	"strings"
	"testing"
)

func TestAHeldDirectionMakesTheSenderWait(t *testing.T) {
	p := newPair(t)
	p.proxy.Hold(ToServer)
	text := strings.Repeat("0123456789abcdef", 1<<20) // 16 MiB, more than the queue and the kernel take
	sent := make(chan error, 1)
	go func() {
		_, err := p.client.Write([]byte(text))
		sent <- err
	}()
	expectSilence(t, p.server)
	select {
	case err := <-sent:
		t.Fatal("all is sent, although nothing is carried:", err)
	default:
	}
	p.proxy.Pass(ToServer)
	expect(t, p.server, text)
	must(t, <-sent)
}

func TestAResetEndsAHeldConnection(t *testing.T) {
	p := newPair(t)
	p.proxy.Hold(ToServer)
	p.proxy.Hold(ToClient)
	send(t, p.client, "a")
	send(t, p.server, "b")
	p.proxy.Reset()
	await(t, "end of the connection", func() (any, bool) { n := p.proxy.Connections(); return n, n == 0 })
}
