package fanout

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/uuid"
)

// TestASegmentReturnsItsFrames adds frames with and without a compressed form, and asks for each in both.
func TestASegmentReturnsItsFrames(t *testing.T) {
	var g segment
	for i := range uint32(10) {
		p := post{frame: fmt.Appendf(nil, "frame %d", i), from: uuid.UUID{byte(i)}, wanted: true}
		if i%2 == 0 {
			p.compressed = fmt.Appendf(nil, "c%d", i)
		}
		g.add(&p, 5+2*i)
	}
	if g.first != 5 || g.last != 23 || g.partial {
		t.Errorf("frames from %d to %d, partial %v", g.first, g.last, g.partial)
	}
	for i := range 10 {
		plain, compressed := fmt.Sprintf("frame %d", i), fmt.Sprintf("frame %d", i)
		if i%2 == 0 {
			compressed = fmt.Sprintf("c%d", i)
		}
		if got := g.frame(i, false); string(got) != plain {
			t.Errorf("frame %d is %q", i, got)
		}
		if got := g.frame(i, true); string(got) != compressed {
			t.Errorf("compressed, frame %d is %q", i, got)
		}
		if after := g.after(uint32(4 + 2*i)); after != i {
			t.Errorf("after order %d comes frame %d, not %d", 4+2*i, after, i)
		}
	}
	if g.after(23) != 10 || !bytes.Equal(g.bytes[len(g.bytes)-g.bytesFrom(9):], []byte("frame 9")) {
		t.Errorf("after the last one comes frame %d; it has %d bytes", g.after(23), g.bytesFrom(9))
	}
	if g.reset(); len(g.marks) != 0 || len(g.bytes) != 0 || g.partial {
		t.Error("a segment that is reset keeps frames")
	}
}
