package protocol

import (
	"testing"
)

// TestFramesInPiecesReuseBuffers tests the pool: without it, each message would cost two allocations. The race detector
// makes sync.Pool drop some values on purpose, so a few allocations are allowed.
func TestFramesInPiecesReuseBuffers(t *testing.T) {
	var d Decoder
	frame := clientFrameMasked(true, OpText, make([]byte, 2000), asciiMask)
	run := func() {
		for _, read := range [][]byte{frame[:5], frame[5:1000], frame[1000:]} {
			if _, _, _, err := d.Next(read, &testLimits); err != nil {
				t.Fatal(err)
			}
		}
	}
	run()
	if n := testing.AllocsPerRun(200, run); n > 1 {
		t.Errorf("%v allocations a message in three reads", n)
	}
}
