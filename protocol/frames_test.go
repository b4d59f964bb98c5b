package protocol

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"
)

// testMask is the mask of frames in tests: none of its bytes is 0, and no two are equal.
var testMask = [4]byte{0x9d, 0x27, 0xf1, 0x06}

var testLimits = Limits{Frame: 1 << 20, Message: 1 << 20}

// clientFrame is a frame as a client sends it.
func clientFrame(fin bool, op OpCode, payload []byte) []byte {
	return clientFrameMasked(fin, op, payload, testMask)
}

func clientFrameMasked(fin bool, op OpCode, payload []byte, mask [4]byte) []byte {
	first := byte(op)
	if fin {
		first |= 0x80
	}
	out := []byte{first}
	switch n := len(payload); {
	case n < 126:
		out = append(out, 0x80|byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, 0x80|126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, 0x80|127), uint64(n))
	}
	out = append(out, mask[:]...)
	for i, c := range payload {
		out = append(out, c^mask[i%4])
	}
	return out
}

func text(s string) []byte  { return clientFrame(true, OpText, []byte(s)) }
func start(s string) []byte { return clientFrame(false, OpText, []byte(s)) }
func more(s string) []byte  { return clientFrame(false, OpContinuation, []byte(s)) }
func last(s string) []byte  { return clientFrame(true, OpContinuation, []byte(s)) }
func ping(s string) []byte  { return clientFrame(true, OpPing, []byte(s)) }

// unmaskedZero is a frame masked with zeros, so its payload is readable.
func unmaskedZero(fin bool, op OpCode, payload string) []byte {
	return clientFrameMasked(fin, op, []byte(payload), [4]byte{})
}

// trace is the output of a decoder: one line for each event, and the code of the error that ended it.
type trace []string

func eventLine(op OpCode, payload []byte) string { return fmt.Sprintf("%d %q", op, payload) }

func failLine(code StatusCode) string { return fmt.Sprintf("fail %d", code) }

// feed gives the decoder one read, which it may change, and appends its output. It reports failure.
func (tr *trace) feed(t testing.TB, d *Decoder, read []byte, lim *Limits) (failed bool) {
	t.Helper()
	in := slices.Clone(read)
	for {
		ev, n, ok, err := d.Next(in, lim)
		if n < 0 || n > len(in) {
			t.Fatalf("Next consumed %d of %d bytes", n, len(in))
		}
		in = in[n:]
		if ok && ev.Compressed {
			ev, err = d.Inflate(ev, lim)
		}
		if err != nil {
			var closeErr *CloseError
			if !errors.As(err, &closeErr) || closeErr.Reason == "" || len(closeErr.Reason) > MaxReasonBytes {
				t.Fatalf("Next returned %#v", err)
			}
			*tr = append(*tr, failLine(closeErr.Code))
			return true
		}
		if !ok {
			if len(in) != 0 {
				t.Fatalf("Next left %d bytes", len(in))
			}
			return false
		}
		*tr = append(*tr, eventLine(ev.Op, ev.Payload))
	}
}

// decodeReads returns the output of a new decoder for these reads.
func decodeReads(t testing.TB, lim *Limits, reads ...[]byte) trace {
	t.Helper()
	var d Decoder
	var tr trace
	for _, read := range reads {
		if tr.feed(t, &d, read, lim) {
			break
		}
	}
	d.Release()
	return tr
}

func singleBytes(stream []byte) (reads [][]byte) {
	for i := range stream {
		reads = append(reads, stream[i:i+1])
	}
	return reads
}

// expect decodes the stream in one read, byte by byte, and cut in two at every byte, and expects the same output each time.
func expect(t *testing.T, stream []byte, want ...string) {
	t.Helper()
	expectWithin(t, &testLimits, stream, want...)
}

func expectWithin(t *testing.T, lim *Limits, stream []byte, want ...string) {
	t.Helper()
	if got := decodeReads(t, lim, stream); !slices.Equal(got, want) {
		t.Fatalf("in one read: got %q, want %q", got, want)
	}
	if got := decodeReads(t, lim, singleBytes(stream)...); !slices.Equal(got, want) {
		t.Fatalf("byte by byte: got %q, want %q", got, want)
	}
	for cut := 1; cut < len(stream); cut++ {
		if got := decodeReads(t, lim, stream[:cut], stream[cut:]); !slices.Equal(got, want) {
			t.Fatalf("cut at %d: got %q, want %q", cut, got, want)
		}
	}
}

// said is the line of a text event.
func said(op OpCode, payload string) string { return eventLine(op, []byte(payload)) }

var (
	fail1002 = failLine(StatusProtocolError)
	fail1007 = failLine(StatusInvalidData)
	fail1009 = failLine(StatusMessageTooBig)
)
