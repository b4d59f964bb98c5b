package siege

import (
	"net"
	"slices"
	"testing"
)

// TestBreaksAtEveryByte ends a conversation behind each of its bytes: with a reset, with a close, and with half a
// close by one that goes on to read.
func TestBreaksAtEveryByte(t *testing.T) {
	n := serve(t, 0)
	w := gather(t, n)
	talk := slices.Concat(request(token(t, "fickle")), frame(0x89, []byte("hello")),
		frame(0x01, []byte(`{"message_type":`)), frame(0x8a, nil), frame(0x80, []byte(`"ping"}`)), frame(0x88, []byte{3, 232}))
	before := n.memory("VmRSS")
	w.withstand(func() {
		side(len(talk)+1, 4, func(upTo int) {
			for _, end := range []func(*net.TCPConn){reset, func(*net.TCPConn) {}, halfClose} {
				c, err := n.dial(upTo)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = c.Write(talk[:upTo])
				end(c.(*net.TCPConn))
				c.Close()
			}
		})
	})
	w.alone() // and so is every seat and every count given back
	s := n.stats()
	ended := s.Refused["bad_request"]
	for _, times := range s.Closed {
		ended += times
	}
	if want := 3 * (len(talk) + 1); ended < want {
		t.Errorf("%d of %d breaks are counted: %v, %v", ended, want, s.Closed, s.Refused)
	}
	weigh(t, n, before, len(talk), 0)
}

func reset(c *net.TCPConn) { _ = c.SetLinger(0) }

func halfClose(c *net.TCPConn) {
	_ = c.CloseWrite()
	drain(c)
}

// TestPeersThatVanish has users fall silent without a word, as behind a cable that was pulled. The heartbeat finds
// them, an interval and a timeout later at the most, and the guests, who are busy, are not asked.
func TestPeersThatVanish(t *testing.T) {
	size := sized(500, 5000)
	n := serve(t, 0, "WS_HEARTBEAT_INTERVAL=1", "WS_HEARTBEAT_TIMEOUT=1")
	w := gather(t, n)
	before := n.memory("VmRSS")
	n.members(t, "ghost", size)
	w.withstand(func() {
		eventually(t, "all are found", func() bool { return n.stats().Closed["heartbeat"] == size })
		w.alone() // their own end of the socket is open still
	})
	weigh(t, n, before, size, bytesPerLoris)
}
