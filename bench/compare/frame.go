package main

import "encoding/binary"

// maskKey is any key except zero, for which a server might skip the unmasking (RFC 6455 §5.3).
var maskKey = [4]byte{0x9a, 0x31, 0xc5, 0x6e}

// textFrame returns a client's text message of so many letters in one frame.
func textFrame(bytes int) []byte {
	text := make([]byte, bytes)
	for i := range text {
		text[i] = byte('a' + i%26)
	}
	return frame(text)
}

// frame returns a client's text message in one frame.
func frame(text []byte) []byte {
	frame := []byte{0x81}
	if len(text) < 126 {
		frame = append(frame, 0x80|byte(len(text)))
	} else {
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(len(text)))
	}
	frame = append(frame, maskKey[:]...)
	for i, c := range text {
		frame = append(frame, c^maskKey[i%4])
	}
	return frame
}

// pong answers a ping without a payload.
var pong = append([]byte{0x8a, 0x80}, maskKey[:]...)

// request is a handshake for a path, with further header lines and the key of RFC 6455 §1.3; accepted is the
// answer to that key.
const (
	request = "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n"
	accepted = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)
