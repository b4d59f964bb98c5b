package main

import (
	"net/netip"
	"strings"
	"testing"
)

func TestAHandshakeHasTheDialectsRequest(t *testing.T) {
	target, heads := script(t, `0{"sid":"x"}`, `40{"sid":"s","pid":"p"}`)
	f, err := newFleet(socketIO{}, []netip.AddrPort{target}, 0, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	if err := f.connect(patience); err != nil {
		t.Fatal(err)
	}
	head := <-heads
	if !strings.HasPrefix(head, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ") || !strings.Contains(head, "\r\nUpgrade: websocket\r\n") {
		t.Errorf("%q", head)
	}
	if f.clients[0].position.session != "p" {
		t.Error("the session is not kept")
	}
}

func TestARefusedClientTriesAgain(t *testing.T) {
	nobody := netip.MustParseAddrPort("127.0.0.1:1")
	f, err := newFleet(ours{}, []netip.AddrPort{nobody}, 0, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	if err := f.run(patience, func() bool { return f.refused == 1 }); err != nil {
		t.Fatal(err)
	}
	if f.targets[0], _ = script(t, welcomeOfOurs); f.failure == nil {
		t.Error("the reason is not kept")
	}
	if err := f.connect(patience); err != nil {
		t.Error(err)
	}
}

func TestACloseFrameIsReported(t *testing.T) {
	f := welcomed(t, 1)
	if err := f.handle(0, closeOp, []byte("\x0b\xc2insufficient state")); err != nil {
		t.Fatal(err)
	}
	if f.codes["close 3010 insufficient state"] != 1 || f.closed != 1 || f.open != 0 {
		t.Errorf("%v, %d ends, %d open", f.codes, f.closed, f.open)
	}
	if got := closeSaid(nil); got != "close" {
		t.Errorf("a frame without a code is %q", got)
	}
}

func TestPartsOfAFrameAreKept(t *testing.T) {
	f := welcomed(t, 1)
	var received []string
	f.onMessage = func(e *event) error {
		received = append(received, string(e.content))
		return nil
	}
	text := `{"message_type":"text","data":{"content":"b1"}}`
	whole := "\x81" + string([]byte{byte(len(text))}) + text
	if err := f.take(0, []byte(whole+whole[:9])); err != nil {
		t.Fatal(err)
	}
	if string(f.clients[0].part) != whole[:9] || len(received) != 1 || received[0] != "b1" {
		t.Errorf("%q is kept, %q received", f.clients[0].part, received)
	}
}
