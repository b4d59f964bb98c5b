package server

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"momentum/protocol"
)

// TestAMessageIsCompressedOnceForAll has three kinds of members get one long and one short message. The long one goes
// compressed, in the same bytes, to the members that agreed without limiting the window, and plain to others.
func TestAMessageIsCompressedOnceForAll(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Compression = true })
	alice := w.join("alice")
	enter := func(name, offer string) *client {
		c := w.dial(name)
		request := upgradeRequest(w.token(name))
		if offer != "none" {
			request = offering(request, offer)
		}
		c.Send(request)
		w.net.Settle()
		c.Received()
		return c
	}
	plain, compressed, compressedToo, narrow := enter("plain", "none"), enter("packed", ""), enter("too", "; server_max_window_bits=15"), enter("narrow", "; server_max_window_bits=9")
	for _, c := range w.clients {
		c.Received()
	}
	alice.text(fmt.Sprintf(`{"id":"long","message_type":"text","data":"%s"}`, strings.Repeat("word ", 300)))
	w.net.Settle()
	long := compressed.Received()
	if long[0] != 0xc1 || len(long) > 400 {
		t.Errorf("a member that agreed gets %d bytes that begin with %#x", len(long), long[0])
	}
	if !bytes.Equal(long, compressedToo.Received()) {
		t.Error("two members that agreed get different bytes")
	}
	if line, _ := nextFrame(long); !strings.Contains(line, "word word") {
		t.Errorf("it inflates to %.80q", line)
	}
	for _, c := range []*client{plain, narrow} {
		if got := c.Received(); got[0] != 0x81 || len(got) < 1500 {
			t.Errorf("%s gets %d bytes that begin with %#x", c.name, len(got), got[0])
		}
	}
	alice.text(`{"id":"short","message_type":"text","data":"word"}`)
	w.net.Settle()
	if got := compressed.Received(); got[0] != 0x81 {
		t.Errorf("a short message goes out with %#x", got[0])
	}
	compressed.Send(append([]byte{0xc1, 0x80 | 7, 0, 0, 0, 0}, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00)) // "Hello", as RFC 7692 has it
	w.net.Settle()
	if got := compressed.Received(); !bytes.Contains(got, []byte("malformed_json")) {
		t.Errorf("a compressed message is answered with %q", got)
	}
	plain.Received()
	plain.Send([]byte{0xc1, 0x80, 0, 0, 0, 0})
	if line, _ := nextFrame(plain.Received()); !strings.HasPrefix(line, "close 1002") {
		t.Errorf("a compressed message that was not agreed on is answered with %q", line)
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// compressing offers compression, joins, and sends messages with RSV1.
func (w *world) compressing(name string) *client {
	c := w.dial(name)
	c.Send(offering(upgradeRequest(w.token(name)), ""))
	w.net.Settle()
	c.received()
	return c
}

func (c *client) sendCompressed(opcode byte, payload []byte) {
	f := frame(opcode, payload)
	f[0] |= 0x40
	c.Send(f)
}

// TestRateLimitCountsCompressedBytes: messages that inflate to nothing cost four times their size on the wire, and pay
// it before they are inflated.
func TestRateLimitCountsCompressedBytes(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Compression, o.RateLimit = true, 20 })
	alice := w.compressing("alice")
	empty := append(bytes.Repeat([]byte("\x00\x00\x00\xff\xff"), 3000), 0) // stored blocks of nothing
	alice.sendCompressed(1, empty)
	alice.sendCompressed(1, empty) // each counts as fifteen; the burst is forty
	broken := bytes.Repeat([]byte("\xff"), len(empty))
	alice.sendCompressed(1, broken)
	w.net.Settle()
	want := []string{"malformed_json", "malformed_json", "rate_limited"}
	received := alice.received()
	for i, code := range want {
		if len(received) != len(want) || !strings.Contains(received[i], `"code":"`+code+`"`) {
			t.Fatalf("15 kB that inflate to nothing, twice, and broken data were answered with %q, want %q", received, want)
		}
	}
	w.net.Advance(time.Second)
	alice.sendCompressed(1, broken)
	if received := alice.received(); len(received) == 0 || !strings.HasPrefix(received[0], "close 1007") {
		t.Errorf("broken data within the limit was answered with %q", received)
	}
}

// TestRateLimitCountsInflatedBytes: a small frame that inflates to a large message costs as much as the message.
func TestRateLimitCountsInflatedBytes(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Compression, o.RateLimit = true, 20 })
	alice, bob := w.compressing("alice"), w.join("bob")
	bob.received()
	large := protocol.AppendCompressed(nil, protocol.OpText, []byte(fmt.Sprintf(`{"id":"m","message_type":"text","data":"%060000d"}`, 0)), protocol.FullDeflate)
	if large[0] != 0xc1 || large[1] >= 126 {
		t.Fatalf("the message begins with %x", large[:2])
	}
	for range 4 {
		alice.sendCompressed(1, large[2:]) // counts as one to be inflated, and fourteen more then
	}
	w.net.Settle()
	if got := len(bob.received()); got != 3 {
		t.Errorf("bob received %d messages, want the 3 for which the first was paid", got)
	}
	small := `{"id":"s","message_type":"text"}`
	w.net.Advance(200 * time.Millisecond) // earns four of the five that are owed
	alice.text(small)
	w.net.Advance(200 * time.Millisecond)
	alice.text(small)
	w.net.Settle()
	if got := len(bob.received()); got != 1 || w.server.Stats().RateLimited != 2 {
		t.Errorf("bob received %d, %d were refused: the debt must be earned back, and no more", got, w.server.Stats().RateLimited)
	}
}

// TestOneUserGetsOneVersion sends a long message to one user as the administrator, on a node where others take
// compressed messages: only one version of it may reach the user's connections, the plain one.
func TestOneUserGetsOneVersion(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Compression = true })
	compressed, plain := w.dial("packed"), w.join("plain")
	compressed.Send(offering(upgradeRequest(w.token("packed")), ""))
	w.net.Settle()
	for _, c := range []*client{compressed, plain} {
		c.received()
		if _, err := w.server.Send(userID(c.name), "text", fmt.Appendf(nil, `"%s"`, strings.Repeat("word ", 300))); err != nil {
			t.Fatal(err)
		}
		w.net.Settle()
		got := c.Received()
		if line, n := nextFrame(got); n != len(got) || got[0] != 0x81 {
			t.Errorf("%s got %d bytes, the first frame has %d and begins with %#x: %.80q", c.name, len(got), n, got[0], line)
		}
	}
}
