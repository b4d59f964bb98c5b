package protocol

import (
	"bytes"
	"io"
	"testing"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"
	"github.com/gobwas/ws/wsutil"
)

// readWithGobwas returns the data messages that gobwas/ws's own reader finds in a client's bytes, up to the first that is
// incomplete. It accepts lengths that are not in their shortest form, which we refuse. With deflate it accepts RSV1 and
// does not validate text, of which it sees the compressed bytes.
func readWithGobwas(stream []byte, deflate bool) (messages []Event) {
	control := func(_ ws.Header, r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	}
	reader := wsutil.Reader{
		Source: bytes.NewReader(stream), State: ws.StateServerSide,
		CheckUTF8: true, OnIntermediate: control,
	}
	var extension wsflate.MessageState
	if deflate {
		reader.State, reader.CheckUTF8 = reader.State.Set(ws.StateExtended), false
		reader.Extensions = []wsutil.RecvExtension{&extension}
	}
	for {
		h, err := reader.NextFrame()
		if err != nil {
			return messages
		}
		compressed := extension.IsCompressed()
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
		if compressed {
			if payload, err = inflateReference(payload, testLimits.Message); err != nil {
				return messages
			}
		}
		messages = append(messages, Event{Op: h.OpCode, Payload: payload})
	}
}

// FuzzAgainstGobwas compares with another implementation's reader: it must read every message that we read, and we must
// have refused every other message that it reads.
func FuzzAgainstGobwas(f *testing.F) {
	f.Add(append(text("hello"), ping("?")...))
	f.Add(append(append(start("hel"), ping("?")...), last("lo")...))
	f.Add(clientFrame(true, OpBinary, make([]byte, 300)))
	f.Add(append(clientFrame(true, OpClose, []byte{3, 232}), text("after")...))
	f.Add(text("\xe2\x82"))
	f.Add(unmaskedCompressed(true, OpText, deflated(f, "hello hello")))
	f.Add(append(unmaskedCompressed(false, OpText, deflated(f, "hello")[:3]), last("x")...))
	f.Fuzz(func(t *testing.T, stream []byte) {
		fuzzAgainstGobwas(t, stream, false)
		fuzzAgainstGobwas(t, stream, true)
	})
}

func fuzzAgainstGobwas(t *testing.T, stream []byte, deflate bool) {
	lim := testLimits
	lim.Deflate = deflate
	theirs := readWithGobwas(bytes.Clone(stream), deflate)
	var d Decoder
	in, read := bytes.Clone(stream), 0
	for {
		ev, n, ok, err := d.Next(in, &lim)
		in = in[n:]
		if ok && ev.Compressed {
			ev, err = d.Inflate(ev, &lim)
		}
		if err != nil {
			return // the library may be more lenient
		}
		if !ok {
			break
		}
		if ev.Op.IsControl() {
			continue
		}
		if read == len(theirs) || theirs[read].Op != ev.Op || !bytes.Equal(theirs[read].Payload, ev.Payload) {
			t.Fatalf("we read message %d as %d %q; gobwas/ws reads %d messages", read, ev.Op, ev.Payload, len(theirs))
		}
		read++
	}
	if read < len(theirs) {
		t.Fatalf("gobwas/ws reads %d messages; we read %d and refused none", len(theirs), read)
	}
}
