package jitter

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"
)

func TestFramesOfAllSizes(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 60000} {
		want := []byte(strings.Repeat("x", size))
		b := frame(opText, want)
		b[1] &^= masked
		cut := len(b) - size - len(mask32)
		op, got, err := readFrame(bytes.NewReader(append(b[:cut:cut], want...)))
		if op != opText || !bytes.Equal(got, want) || err != nil {
			t.Errorf("%d bytes: op %d, %d bytes, %v", size, op, len(got), err)
		}
	}
}

func TestALongFrameIsReadUpToALimit(t *testing.T) {
	for size, want := range map[uint64]error{60000: io.ErrUnexpectedEOF, maxPayload + 1: errTooLong} {
		b := binary.BigEndian.AppendUint64([]byte{final | opText, length64}, size)
		if _, _, err := readFrame(bytes.NewReader(append(b, 'x'))); err != want {
			t.Errorf("%d bytes: %v, want %v", size, err, want)
		}
	}
}
