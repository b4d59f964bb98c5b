package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/gobwas/ws"
	"github.com/valyala/fastjson"
)

// asciiMask turns ASCII into other ASCII, so that a frame can be decoded in place again and again.
var asciiMask = [4]byte{1, 2, 3, 4}

// BenchmarkDecode reads complete frames as text and as binary: the difference is the cost of the UTF-8 check.
func BenchmarkDecode(b *testing.B) {
	for _, size := range []int{32, 512, 64 << 10} {
		for name, op := range map[string]OpCode{"text": OpText, "binary": OpBinary} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) { benchmarkDecode(b, op, size) })
		}
	}
}

func benchmarkDecode(b *testing.B, op OpCode, size int) {
	lim := Limits{Frame: 1 << 20, Message: 1 << 20}
	in := clientFrameMasked(true, op, bytes.Repeat([]byte("a"), size), asciiMask)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var d Decoder
	for b.Loop() {
		if _, n, ok, err := d.Next(in, &lim); n != len(in) || !ok || err != nil {
			b.Fatal(n, ok, err)
		}
	}
}

func BenchmarkDecodeInTwoReads(b *testing.B) {
	lim := Limits{Frame: 1 << 20, Message: 1 << 20}
	frame := clientFrameMasked(true, OpText, bytes.Repeat([]byte("a"), 512), asciiMask)
	b.ReportAllocs()
	var d Decoder
	for b.Loop() {
		if _, _, _, err := d.Next(frame[:100], &lim); err != nil {
			b.Fatal(err)
		}
		if _, _, ok, err := d.Next(frame[100:], &lim); !ok || err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUTF8(b *testing.B) {
	for name, text := range map[string]string{
		"ascii": strings.Repeat("a", 4096),
		"greek": strings.Repeat("κόσμε ", 4096/12),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				var u utf8Check
				if !u.accept([]byte(text)) {
					b.Fatal("refused")
				}
			}
		})
	}
}

func envelopeOfSize(size int) []byte {
	const form = `{"id":"7b0c6a2e-51a4-4c0b-9c3f-0f2a5d3c1e11","message_type":"text","data":{"content":"%s","n":[1,2.5e3,true]},` +
		`"timestamp":"2024-01-01T00:00:00Z","to_user_id":"0b0c6a2e-51a4-4c0b-9c3f-0f2a5d3c1e11"}`
	return fmt.Appendf(nil, form, strings.Repeat("x", max(0, size-len(form))))
}

func BenchmarkEnvelope(b *testing.B) {
	for _, size := range []int{256, 1024} {
		text := envelopeOfSize(size)
		b.Run(fmt.Sprintf("parse/%d", size), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var p EnvelopeParser
			var e Envelope
			for b.Loop() {
				if err := p.Parse(text, &e); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("fastjson-validate-only/%d", size), func(b *testing.B) {
			for b.Loop() {
				if err := fastjson.ValidateBytes(text); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("encoding-json-valid-only/%d", size), func(b *testing.B) {
			for b.Loop() {
				if !json.Valid(text) {
					b.Fatal("invalid")
				}
			}
		})
	}
}

// BenchmarkEnvelopeRefused is the worst case of a small malformed message.
func BenchmarkEnvelopeRefused(b *testing.B) {
	text := []byte(`{"data":` + strings.Repeat(`{"a":[`, 31) + "1.")
	b.ReportAllocs()
	var p EnvelopeParser
	var e Envelope
	for b.Loop() {
		if err := p.Parse(text, &e); err == nil {
			b.Fatal("accepted")
		}
	}
}

// request is the request of a browser, with a token in the query.
const request = "GET /ws?token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3YjBjNmEyZSJ9.c2lnbmF0dXJl HTTP/1.1\r\n" +
	"Host: chat.example.com:8000\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36\r\n" +
	"Upgrade: websocket\r\nOrigin: https://chat.example.com\r\nSec-WebSocket-Version: 13\r\n" +
	"Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
	"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nSec-WebSocket-Protocol: momentum\r\n\r\n"

func BenchmarkHandshake(b *testing.B) {
	head := []byte(request)
	var h Handshake
	var dst []byte
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if r := h.Parse(head); r != nil {
				b.Fatal(r)
			}
		}
	})
	b.Run("parse+accept", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if r := h.Parse(head); r != nil {
				b.Fatal(r)
			}
			dst = h.AppendAccept(dst[:0], 0)
		}
	})
	b.Run("gobwas", func(b *testing.B) {
		b.ReportAllocs()
		rw := &headReadWriter{}
		u := ws.Upgrader{ProtocolCustom: func([]byte) (string, bool) { return Subprotocol, true }}
		for b.Loop() {
			rw.in, rw.out = head, rw.out[:0]
			if _, err := u.Upgrade(rw); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// headReadWriter lets an upgrader read a head and discards its output.
type headReadWriter struct{ in, out []byte }

func (rw *headReadWriter) Read(p []byte) (int, error) {
	if len(rw.in) == 0 {
		return 0, io.EOF
	}
	n := copy(p, rw.in)
	rw.in = rw.in[n:]
	return n, nil
}

func (rw *headReadWriter) Write(p []byte) (int, error) {
	rw.out = append(rw.out, p...)
	return len(p), nil
}
