package protocol

import (
	"bytes"
	"testing"
)

func TestRFC6455Section53EveryMaskOffset(t *testing.T) {
	for _, size := range []int{0, 1, 7, 8, 9, 31, 63, 64, 65, 127, 200} {
		for offset := range 9 {
			for skew := range 8 {
				plain := bytes.Repeat([]byte{0, 0xff, 0x5a}, 80)[:size]
				masked := make([]byte, skew+size)
				for i, c := range plain {
					masked[skew+i] = c ^ testMask[(offset+i)%4]
				}
				unmask(masked[skew:], testMask, offset)
				if !bytes.Equal(masked[skew:], plain) {
					t.Fatalf("%d bytes at offset %d, address +%d: wrong", size, offset, skew)
				}
			}
		}
	}
}

func TestRFC6455Section53MaskOfZeros(t *testing.T) {
	expect(t, unmaskedZero(true, OpText, "plain on the wire"), said(OpText, "plain on the wire"))
}
