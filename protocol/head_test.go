package protocol

import (
	"bytes"
	"strings"
	"testing"
)

func TestHeadEndFindsTheBlankLineHoweverItArrives(t *testing.T) {
	for _, head := range []string{request, "GET / HTTP/1.0\n\n", "a\r\n\n", "a\n\r\n", "\r\n\r\n", "\n\n"} {
		stream := []byte(head + "\r\n\r\nframes\n\n")
		if n := HeadEnd(stream, 0); n != len(head) {
			t.Fatalf("%q: ends at %d, want %d", head, n, len(head))
		}
		for cut := range len(head) {
			if n := HeadEnd(stream[:cut], 0); n != 0 {
				t.Fatalf("%q: ends at %d after %d bytes", head, n, cut)
			}
			if n := HeadEnd(stream, cut); n != len(head) {
				t.Fatalf("%q: from %d: ends at %d", head, cut, n)
			}
		}
	}
	if HeadEnd(nil, 0) != 0 || HeadEnd(nil, 5) != 0 {
		t.Error("an empty input is a complete head")
	}
}

func TestRequestSplitAtEveryByte(t *testing.T) {
	stream := []byte(request + "\x81\x80frames")
	searched, found := 0, 0
	for arrived := 1; found == 0; arrived++ {
		found = HeadEnd(stream[:arrived], searched)
		searched = arrived
	}
	var h Handshake
	if r := h.Parse(stream[:found]); r != nil || !h.Upgrade || found != len(request) {
		t.Fatalf("head of %d bytes: %v", found, r)
	}
}

// TestHeadSearchIsLinear feeds a head that never ends. Each call may look back at most two bytes: a search that starts
// again would find the blank line planted at the beginning.
func TestHeadSearchIsLinear(t *testing.T) {
	b := append([]byte("a\r\n\r\n"), bytes.Repeat([]byte("x"), 1000)...)
	if n := HeadEnd(b, 8); n != 0 {
		t.Errorf("searched again from the start: %d", n)
	}
}

func TestHeadTooLong(t *testing.T) {
	target := []byte("GET /" + strings.Repeat("a", MaxHeadBytes))
	if r := HeadTooLong(target); r.Status != 414 || r.Code != "target_too_long" {
		t.Errorf("got %+v", r)
	}
	if r := HeadTooLong(append([]byte("\r\n"), target...)); r.Status != 414 {
		t.Errorf("after an empty line: %+v", r)
	}
	headers := []byte("GET / HTTP/1.1\r\nCookie: " + strings.Repeat("a", MaxHeadBytes))
	if r := HeadTooLong(headers); r.Status != 431 || r.Code != "head_too_large" {
		t.Errorf("got %+v", r)
	}
	room := MaxHeadBytes - len(head("+X: "))
	var h Handshake
	if r := h.Parse(head("+X: " + strings.Repeat("x", room))); r != nil {
		t.Errorf("a head of exactly the limit: %+v", r)
	}
	refused(t, head("+X: "+strings.Repeat("x", room+1)), 431, "head_too_large")
	refused(t, head("GET /ws?"+strings.Repeat("x", MaxHeadBytes)+" HTTP/1.1"), 414, "target_too_long")
}
