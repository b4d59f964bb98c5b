package protocol

import (
	"bytes"
	"slices"
	"testing"
)

func TestRFC6455Section52AppendFrame(t *testing.T) {
	for size, header := range map[int][]byte{
		0: {0x82, 0}, 1: {0x82, 1}, 125: {0x82, 125}, 126: {0x82, 126, 0, 126}, 127: {0x82, 126, 0, 127},
		65535: {0x82, 126, 0xff, 0xff}, 65536: {0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0},
	} {
		payload := bytes.Repeat([]byte("x"), size)
		if got := AppendHeader(nil, OpBinary, size); !bytes.Equal(got, header) {
			t.Errorf("header for %d bytes: % x", size, got)
		}
		if got := AppendFrame(nil, OpBinary, payload); !bytes.Equal(got, slices.Concat(header, payload)) {
			t.Errorf("frame for %d bytes is not header and payload", size)
		}
	}
	if got := AppendFrame([]byte("front"), OpText, []byte("hi")); string(got) != "front\x81\x02hi" {
		t.Errorf("got %q", got)
	}
}
