package sim

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
)

// The client's side of the protocol, written for the simulation so that a fault of the server's own code cannot be at
// both ends and go unseen.

const (
	opContinuation = 0
	opText         = 1
	opBinary       = 2
	opClose        = 8
	opPing         = 9
	opPong         = 10

	finBit  = 0x80
	rsv1Bit = 0x40
	maskBit = 0x80
)

// inquiry asks how a handshake would be answered.
func inquiry(token string) []byte {
	return []byte("GET /ws?token=" + token + " HTTP/1.1\r\nHost: localhost\r\nX-Padding: none\r\n\r\n")
}

// appendFrame appends a client's frame, masked as RFC 6455 §5.3 wants. first is its first byte.
func appendFrame(dst []byte, first byte, payload []byte, random *rand.Rand) []byte {
	dst = append(dst, first)
	switch n := len(payload); {
	case n <= 125:
		dst = append(dst, maskBit|byte(n))
	case n <= 0xffff:
		dst = binary.BigEndian.AppendUint16(append(dst, maskBit|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, maskBit|127), uint64(n))
	}
	var mask [4]byte
	binary.LittleEndian.PutUint32(mask[:], random.Uint32())
	dst = append(dst, mask[:]...)
	at := len(dst)
	dst = append(dst, payload...)
	for i := range payload {
		dst[at+i] ^= mask[i&3]
	}
	return dst
}

func closePayload(code int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(code)) }

// received is one frame from the server.
type received struct {
	first   byte
	payload []byte
}

// cutFrame takes one frame from the beginning of b. It returns ok false if the frame is not complete.
func cutFrame(b []byte) (f received, rest []byte, ok bool) {
	if len(b) < 2 {
		return f, b, false
	}
	size, head := int(b[1]), 2
	switch {
	case size == 126 && len(b) >= 4:
		size, head = int(binary.BigEndian.Uint16(b[2:])), 4
	case size == 127 && len(b) >= 10:
		size, head = int(binary.BigEndian.Uint64(b[2:])), 10
	case size >= 126:
		return f, b, false
	}
	if len(b) < head+size {
		return f, b, false
	}
	return received{b[0], b[head : head+size]}, b[head+size:], true
}

// zip is one client side of permessage-deflate without context takeover (RFC 7692 §7.2), for all clients.
type zip struct {
	out    bytes.Buffer
	writer *flate.Writer
	reader io.ReadCloser
}

func newZip() *zip {
	z := &zip{reader: flate.NewReader(nil)}
	z.writer, _ = flate.NewWriter(&z.out, flate.BestSpeed)
	return z
}

func (z *zip) pack(text []byte) []byte {
	z.out.Reset()
	z.writer.Reset(&z.out)
	_, _ = z.writer.Write(text)
	_ = z.writer.Flush()
	return bytes.Clone(bytes.TrimSuffix(z.out.Bytes(), []byte("\x00\x00\xff\xff")))
}

func (z *zip) unpack(payload []byte) ([]byte, error) {
	tail := bytes.NewReader([]byte("\x00\x00\xff\xff\x01\x00\x00\xff\xff"))
	if err := z.reader.(flate.Resetter).Reset(io.MultiReader(bytes.NewReader(payload), tail), nil); err != nil {
		return nil, err
	}
	return io.ReadAll(z.reader)
}

// request is a client's upgrade request.
func request(path, token, extension string) []byte {
	offer := ""
	if extension != "" {
		offer = "Sec-WebSocket-Extensions: " + extension + "\r\n"
	}
	return []byte(fmt.Sprintf("GET %s?token=%s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\n%sSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path, token, offer))
}
