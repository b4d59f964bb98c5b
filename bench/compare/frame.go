package main

import "encoding/binary"

// maskKey is any key but zero, which a server might skip the work for (RFC 6455 §5.3).
var maskKey = [4]byte{0x9a, 0x31, 0xc5, 0x6e}

// textFrame is a client's whole text message of so many letters.
func textFrame(bytes int) []byte {
	frame := []byte{0x81}
	if bytes < 126 {
		frame = append(frame, 0x80|byte(bytes))
	} else {
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(bytes))
	}
	frame = append(frame, maskKey[:]...)
	for i := range bytes {
		frame = append(frame, byte('a'+i%26)^maskKey[i%4])
	}
	return frame
}

// request is a handshake with the key of RFC 6455 §1.3, and accepted the answer to that key.
const (
	request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
	accepted = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)
