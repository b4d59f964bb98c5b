package protocol

import (
	"bytes"
	"io"
	"testing"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// readWithGobwas returns the data messages that gobwas/ws's own reader finds in a client's bytes, up to the
// first it cannot read whole. It lets through lengths that are not in their shortest form, which we refuse.
func readWithGobwas(stream []byte) (messages []Event) {
	control := func(_ ws.Header, r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	}
	reader := wsutil.Reader{
		Source: bytes.NewReader(stream), State: ws.StateServerSide,
		CheckUTF8: true, OnIntermediate: control,
	}
	for {
		h, err := reader.NextFrame()
		if err != nil {
			return messages
		}
		if h.OpCode.IsControl() {
			if control(h, &reader) != nil {
				return messages
			}
			continue
		}
		payload, err := io.ReadAll(&reader)
		if err != nil {
			return messages
		}
		messages = append(messages, Event{Op: h.OpCode, Payload: payload})
	}
}

// FuzzAgainstGobwas compares with another implementation's reader: whatever we read it must read the same, and
// what it reads beyond, we must have refused for a reason of ours.
func FuzzAgainstGobwas(f *testing.F) {
	f.Add(append(text("hello"), ping("?")...))
	f.Add(append(append(start("hel"), ping("?")...), last("lo")...))
	f.Add(clientFrame(true, OpBinary, make([]byte, 300)))
	f.Add(append(clientFrame(true, OpClose, []byte{3, 232}), text("behind")...))
	f.Add(text("\xe2\x82"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		theirs := readWithGobwas(bytes.Clone(stream))
		var d Decoder
		in, read := bytes.Clone(stream), 0
		for {
			ev, n, ok, err := d.Next(in, &testLimits)
			in = in[n:]
			if err != nil {
				return // theirs may be more lenient
			}
			if !ok {
				break
			}
			if ev.Op.IsControl() {
				continue
			}
			if read == len(theirs) || theirs[read].Op != ev.Op || !bytes.Equal(theirs[read].Payload, ev.Payload) {
				t.Fatalf("message %d is %d %q to us; gobwas/ws reads %d messages", read, ev.Op, ev.Payload, len(theirs))
			}
			read++
		}
		if read < len(theirs) {
			t.Fatalf("gobwas/ws reads %d messages, we %d, and refused nothing", len(theirs), read)
		}
	})
}
