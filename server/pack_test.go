package server

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestPackedOnceForAllWhoTakeIt has three kinds of members hear one long and one short message: the long one
// goes compressed, in the same bytes, to those who agreed without limiting the window, and plain to others.
func TestPackedOnceForAllWhoTakeIt(t *testing.T) {
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
	plain, packed, packedToo, narrow := enter("plain", "none"), enter("packed", ""), enter("too", "; client_max_window_bits"), enter("narrow", "; server_max_window_bits=9")
	for _, c := range w.clients {
		c.Received()
	}
	alice.text(fmt.Sprintf(`{"id":"long","message_type":"text","data":"%s"}`, strings.Repeat("word ", 300)))
	w.net.Settle()
	long := packed.Received()
	if long[0] != 0xc1 || len(long) > 400 {
		t.Errorf("a member that agreed gets %d bytes that begin with %#x", len(long), long[0])
	}
	if !bytes.Equal(long, packedToo.Received()) {
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
	if got := packed.Received(); got[0] != 0x81 {
		t.Errorf("a short message goes out with %#x", got[0])
	}
	packed.Send(append([]byte{0xc1, 0x80 | 7, 0, 0, 0, 0}, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00)) // "Hello", as RFC 7692 has it
	w.net.Settle()
	if got := packed.Received(); !bytes.Contains(got, []byte("malformed_json")) {
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

// TestOneUserGetsOneVersion sends a long message to one user as the administrator, on a node where others take
// compressed messages: only one version of it may reach the user's connections, and not a compressed one.
func TestOneUserGetsOneVersion(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Compression = true })
	packed, plain := w.dial("packed"), w.join("plain")
	packed.Send(offering(upgradeRequest(w.token("packed")), ""))
	w.net.Settle()
	for _, c := range []*client{packed, plain} {
		c.heard()
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
