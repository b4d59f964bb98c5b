package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// A raw client sends frames that a client library would not. The groups are those of the fuzzing suite that WebSocket servers
// are commonly tested with.

const request = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

type rawClient struct {
	net.Conn
	in *bufio.Reader
}

func dialOwn(t *testing.T, url string) *rawClient {
	t.Helper()
	r, _ := dialOffering(t, url, "")
	return r
}

// dialOffering offers extensions, if any, and returns those that the server agreed to.
func dialOffering(t *testing.T, url, offer string) (r *rawClient, agreed string) {
	t.Helper()
	c, err := net.Dial("tcp", host(url))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	r = &rawClient{c, bufio.NewReader(c)}
	head := request
	if offer != "" {
		head = strings.TrimSuffix(request, "\r\n") + "Sec-WebSocket-Extensions: " + offer + "\r\n\r\n"
	}
	if _, err = io.WriteString(c, head); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(r.in, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(response, err)
	}
	return r, response.Header.Get("Sec-WebSocket-Extensions")
}

// masked returns a frame as a client sends it. first is its first byte.
func masked(first byte, payload []byte) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// readAll reads to the end of the connection, which must come within a second. It returns each frame's opcode and payload, or
// a close frame's code, and how the connection ended.
func (r *rawClient) readAll() (frames []string) {
	_ = r.SetDeadline(time.Now().Add(time.Second))
	for {
		op, payload, err := r.frame()
		if err != nil {
			return append(frames, r.ending(err))
		}
		switch {
		case op == 0x88 && len(payload) >= 2:
			frames = append(frames, fmt.Sprint("close ", binary.BigEndian.Uint16(payload)))
		case op == 0x88:
			frames = append(frames, "close")
		default:
			frames = append(frames, fmt.Sprintf("%x %s", op, payload))
		}
	}
}

// ending returns "end" if the connection ended in order: by a FIN after a complete frame, while the server still accepts
// bytes, so that no reset overtakes the close frame. Otherwise it returns the error.
func (r *rawClient) ending(err error) string {
	if err != io.EOF {
		return err.Error()
	}
	for range 2 { // a closed socket answers the first write with a reset, which fails the second
		if _, err := r.Write([]byte{0}); err != nil {
			return "closed before it was shut: " + err.Error()
		}
	}
	return "end"
}

// frame reads one frame. Its error is io.EOF at the end of the stream, and another one within a frame.
func (r *rawClient) frame() (op byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return 0, nil, err
	}
	size := uint64(head[1])
	if size >= 126 {
		long := make([]byte, 2+6*(size-126))
		if _, err := io.ReadFull(r.in, long); err != nil {
			return 0, nil, io.ErrUnexpectedEOF
		}
		size = 0
		for _, x := range long {
			size = size<<8 | uint64(x)
		}
	}
	payload = make([]byte, size)
	if _, err = io.ReadFull(r.in, payload); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return head[0], payload, err
}

func text(s string) []byte       { return masked(0x81, []byte(s)) }
func closing(code uint16) []byte { return masked(0x88, binary.BigEndian.AppendUint16(nil, code)) }

// TestTheServerEndsEachConversation sends each stream in one write and byte by byte.
func TestTheServerEndsEachConversation(t *testing.T) {
	url := start(t, false, 2)
	cat := slices.Concat[[]byte]
	for name, c := range map[string]struct {
		stream []byte
		want   []string
	}{
		"1 echo, empty and not":        {cat(text(""), text("hi"), masked(0x82, []byte{0xfe}), closing(1000)), []string{"81 ", "81 hi", "82 \xfe", "close 1000", "end"}},
		"2 pings in order":             {cat(masked(0x89, []byte("a")), masked(0x8a, nil), masked(0x89, []byte("b")), closing(1000)), []string{"8a a", "8a b", "close 1000", "end"}},
		"2 a ping too long":            {masked(0x89, make([]byte, 126)), []string{"close 1002", "end"}},
		"3 RSV after a valid text":     {cat(text("ok"), masked(0xa1, []byte("bad")), masked(0x89, nil)), []string{"81 ok", "close 1002", "end"}},
		"4 a reserved opcode":          {cat(text("ok"), masked(0x8b, nil), masked(0x89, nil)), []string{"81 ok", "close 1002", "end"}},
		"5 a ping between fragments":   {cat(masked(0x01, []byte("fr")), masked(0x89, []byte("p")), masked(0x80, []byte("ag")), closing(1000)), []string{"8a p", "81 frag", "close 1000", "end"}},
		"5 a stray continuation":       {cat(masked(0x80, nil), text("no")), []string{"close 1002", "end"}},
		"5 text within a message":      {cat(masked(0x01, nil), text("no")), []string{"close 1002", "end"}},
		"6 not UTF-8":                  {text("ok \xed\xa0\x80"), []string{"close 1007", "end"}},
		"6 not UTF-8, first fragment":  {masked(0x01, []byte("ok \xf4\x90")), []string{"close 1007", "end"}},
		"6 characters cut by frames":   {cat(masked(0x01, []byte("\xce")), masked(0x80, []byte("\xba")), closing(1000)), []string{"81 \xce\xba", "close 1000", "end"}},
		"7 nothing after a close":      {cat(closing(1000), text("no"), masked(0x89, nil)), []string{"close 1000", "end"}},
		"7 a close within a message":   {cat(masked(0x01, []byte("x")), closing(1000), masked(0x80, []byte("y"))), []string{"close 1000", "end"}},
		"7 a close without a code":     {masked(0x88, nil), []string{"close", "end"}},
		"7 a close of one byte":        {masked(0x88, []byte{3}), []string{"close 1002", "end"}},
		"7 a reason that is not UTF-8": {masked(0x88, []byte("\x03\xe8\xff")), []string{"close 1007", "end"}},
		"7 code 4999":                  {closing(4999), []string{"close 4999", "end"}},
		"7 code 1005":                  {closing(1005), []string{"close 1002", "end"}},
		"7 code 2999":                  {closing(2999), []string{"close 1002", "end"}},
	} {
		for _, piece := range []int{len(c.stream), 1} {
			r := dialOwn(t, url)
			for part := range slices.Chunk(c.stream, piece) {
				if _, err := r.Write(part); err != nil {
					break // the server may have closed by then
				}
			}
			if got := r.readAll(); !slices.Equal(got, c.want) {
				t.Errorf("%s, %d bytes a write: received %.100q, want %q", name, piece, got, c.want)
			}
		}
	}
}

// TestSizes is group 9: a 16 MiB message, 65,537 frames of 64 bytes, a megabyte in small writes.
func TestSizes(t *testing.T) {
	url := start(t, false, 2)
	body := []byte(strings.Repeat("momentum", 2<<20))
	var frames []byte
	for i, part := range slices.Collect(slices.Chunk(body[:4<<20], 64)) {
		first := byte(0x00)
		if i == 0 {
			first = 0x02
		}
		frames = append(frames, masked(first, part)...)
	}
	for name, c := range map[string]struct {
		stream []byte
		piece  int
		op     byte
		want   []byte
	}{
		"16 MiB":             {masked(0x82, body), 1 << 20, 0x82, body},
		"65,537 frames":      {append(frames, masked(0x80, nil)...), 1 << 16, 0x82, body[:4<<20]},
		"64 bytes at a time": {masked(0x81, body[:1<<20]), 64, 0x81, body[:1<<20]},
	} {
		r := dialOwn(t, url)
		written := make(chan error, 1)
		go func() {
			for part := range slices.Chunk(append(c.stream, closing(1000)...), c.piece) {
				if _, err := r.Write(part); err != nil {
					written <- err
					return
				}
			}
			written <- nil
		}()
		op, payload, err := r.frame()
		if err != nil || op != c.op || !bytes.Equal(payload, c.want) {
			t.Errorf("%s: %#x with %d bytes came back, %v", name, op, len(payload), err)
		}
		if err := <-written; err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if rest := r.readAll(); !slices.Equal(rest, []string{"close 1000", "end"}) {
			t.Errorf("%s: then %.100q came", name, rest)
		}
	}
}

// TestRoundTrips is groups 9.7 and 9.8: a thousand messages of each size, each sent after the last has come back.
func TestRoundTrips(t *testing.T) {
	url := start(t, false, 2)
	for _, size := range []int{0, 16, 64, 256, 1024, 4096} {
		for _, first := range []byte{0x81, 0x82} {
			r := dialOwn(t, url)
			message := masked(first, bytes.Repeat([]byte("*"), size))
			for i := range 1000 {
				if _, err := r.Write(message); err != nil {
					t.Fatal(err)
				}
				if op, payload, err := r.frame(); err != nil || op != first || len(payload) != size {
					t.Fatalf("%d bytes, number %d: %#x with %d bytes came back, %v", size, i, op, len(payload), err)
				}
			}
			r.leave(t)
		}
	}
}

// TestFragmentsOf1300 is group 10.1.1: a text of 64 KiB in frames of 1,300 bytes.
func TestFragmentsOf1300(t *testing.T) {
	r := dialOwn(t, start(t, false, 1))
	body := bytes.Repeat([]byte("momentum"), 8<<10)
	if _, err := r.Write(fragments(0x01, body, 1300)); err != nil {
		t.Fatal(err)
	}
	if op, payload, err := r.frame(); err != nil || op != 0x81 || !bytes.Equal(payload, body) {
		t.Fatalf("%#x with %d bytes came back, %v", op, len(payload), err)
	}
	r.leave(t)
}

// fragments returns a message in frames of at most size bytes. first is the first frame's first byte, without FIN.
func fragments(first byte, body []byte, size int) (stream []byte) {
	for {
		part := body[:min(size, len(body))]
		if body = body[len(part):]; len(body) == 0 {
			return append(stream, masked(0x80|first, part)...)
		}
		stream = append(stream, masked(first, part)...)
		first = 0
	}
}

// leave closes the connection. Only the answer to that may come.
func (r *rawClient) leave(t *testing.T) {
	t.Helper()
	if _, err := r.Write(closing(1000)); err != nil {
		t.Fatal(err)
	}
	if rest := r.readAll(); !slices.Equal(rest, []string{"close 1000", "end"}) {
		t.Fatalf("after the last message came %.100q", rest)
	}
}
