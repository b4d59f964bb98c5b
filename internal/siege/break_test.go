package siege

import (
	"net"
	"slices"
	"testing"
)

// TestBreaksAtEveryByte ends a conversation after each of its bytes: with a reset, with a close, and with a half-close by a
// client that reads on.
func TestBreaksAtEveryByte(t *testing.T) {
	n := serve(t, 0)
	w := connectBystanders(t, n)
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
	w.alone() // every place and every count is given back
	s := n.stats()
	ended := s.Refused["bad_request"]
	for _, times := range s.Closed {
		ended += times
	}
	if want := 3 * (len(talk) + 1); ended < want {
		t.Errorf("%d of %d ends are counted: %v, %v", ended, want, s.Closed, s.Refused)
	}
	checkMemory(t, n, before, len(talk), 0)
}

func reset(c *net.TCPConn) { _ = c.SetLinger(0) }

func halfClose(c *net.TCPConn) {
	_ = c.CloseWrite()
	drain(c)
}

// TestPeersThatVanish has clients stop answering, as when a cable is pulled. The heartbeat closes them after at most an interval and
// a timeout. The bystanders send all the time, so that they get no ping.
func TestPeersThatVanish(t *testing.T) {
	size := sized(500, 5000)
	n := serve(t, 0, "WS_HEARTBEAT_INTERVAL=1", "WS_HEARTBEAT_TIMEOUT=1")
	w := connectBystanders(t, n)
	before := n.memory("VmRSS")
	n.members(t, "ghost", size)
	w.withstand(func() {
		eventually(t, "all are closed", func() bool { return n.stats().Closed["heartbeat"] == size })
		w.alone() // the clients' own ends are still open
	})
	checkMemory(t, n, before, size, bytesPerLoris)
}
