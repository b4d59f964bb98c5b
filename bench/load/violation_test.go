package load

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// rawServer answers each handshake with the result of answer, reads the first frame, sends frames, and then reads until
// the client closes.
type rawServer struct {
	answer func(key string) string
	frames string

	serving sync.WaitGroup
	mutex   sync.Mutex
	keys    []string
	closes  [][]byte // payloads of the close frames that came
}

func (s *rawServer) handle(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/ws" {
		return
	}
	conn, in, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	s.serving.Add(1)
	defer s.serving.Done()
	s.mutex.Lock()
	s.keys = append(s.keys, r.Header.Get("Sec-WebSocket-Key"))
	s.mutex.Unlock()
	s.serve(conn, in.Reader, r.Header.Get("Sec-WebSocket-Key"))
}

func (s *rawServer) serve(conn net.Conn, in *bufio.Reader, key string) {
	_, _ = io.WriteString(conn, s.answer(key))
	for n := 0; ; n++ {
		op, payload, err := readMasked(in)
		if err != nil {
			return
		}
		if n == 0 {
			_, _ = io.WriteString(conn, s.frames)
		}
		if op != opClose {
			continue
		}
		s.mutex.Lock()
		s.closes = append(s.closes, payload)
		s.mutex.Unlock()
		_, _ = conn.Write(fromServer(0x80|opClose, string(payload)))
		return
	}
}

// readMasked reads a client's frame of less than 64 KiB.
func readMasked(in *bufio.Reader) (op byte, payload []byte, err error) {
	var head [2]byte
	if _, err = io.ReadFull(in, head[:]); err != nil {
		return 0, nil, err
	}
	size := int(head[1] & 0x7F)
	if size == 126 {
		var long [2]byte
		if _, err = io.ReadFull(in, long[:]); err != nil {
			return 0, nil, err
		}
		size = int(binary.BigEndian.Uint16(long[:]))
	}
	rest := make([]byte, 4+size)
	if _, err = io.ReadFull(in, rest); err != nil {
		return 0, nil, err
	}
	applyMask(rest[4:], binary.LittleEndian.Uint32(rest))
	return head[0] & 0x0F, rest[4:], nil
}

func accepting(k string) string {
	accept := key([]byte(k)).accept()
	return switching + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + string(accept[:]) + "\r\n\r\n"
}

// Each case is sent by the server on its one connection after the first message.
func TestViolationsAreCountedByKindAndCloseTheConnection(t *testing.T) {
	text := func(payload string) string { return string(fromServer(0x81, payload)) }
	closing := func(payload string) string { return string(fromServer(0x88, payload)) }
	for name, c := range map[string]struct {
		frames string
		want   *fault
	}{
		"a reserved bit":         {"\xc1\x00", reservedBits},
		"a reserved opcode":      {"\x83\x00", reservedOpcode},
		"a masked frame":         {"\x81\x80\x00\x00\x00\x00", maskedFrame},
		"a length too long":      {"\x81\x7e\x00\x01x", longLength},
		"a fragmented ping":      {"\x09\x00", fragmentedControl},
		"a continuation":         {"\x80\x00", strayContinuation},
		"text that is not UTF-8": {text("\xff"), invalidText},
		"cut between fragments":  {"\x01\x01\xc3" + "\x80\x01\x28", invalidText},
		"a character in two":     {"\x01\x01\xc3" + "\x80\x01\xbc" + text("\xc3"), invalidText},
		"a short close":          {closing("\x03"), shortClose},
		"close code 0":           {closing("\x00\x00"), wrongCloseCode},
		"close code 1005":        {closing("\x03\xed"), wrongCloseCode},
		"close code 1006":        {closing("\x03\xee"), wrongCloseCode},
		"close code 1015":        {closing("\x03\xf7"), wrongCloseCode},
		"a reason that is not":   {closing("\x03\xe8\xff"), invalidReason},
		"more than 1 MiB":        {"\x81\x7f\x00\x00\x00\x00\x00\x10\x00\x01", tooLong},
		"text after the close":   {closing("\x03\xe8") + text("x"), dataAfterClose},
	} {
		s := &rawServer{answer: accepting, frames: c.frames}
		p := serving(t, s.handle)
		p.Messages = 3
		r := measure(t, p, Throughput)
		r.wantMetric(t, "dropped", 1)
		problem := fmt.Sprintf("1 times the server violated RFC 6455: %s", c.want.kind)
		if c.want.tolerated {
			r.wantMetric(t, "violations", 0)
			if len(r.Violations) > 0 || r.Dropped[c.want.kind] != 1 {
				t.Errorf("%s: violations %v, dropped %v", name, r.Violations, r.Dropped)
			}
		} else if r.wantMetric(t, "violations", 1); r.Violations[c.want.kind] != 1 || !slices.Contains(r.Problems, problem) {
			t.Errorf("%s: violations %v, problems %q", name, r.Violations, r.Problems)
		}
		wantClose(t, name, s, c.want)
	}
}

// wantClose fails the test unless the client has sent one close frame, with the code of the fault. If the server closed
// first, its close frame was answered before the fault.
func wantClose(t *testing.T, name string, s *rawServer, bad *fault) {
	t.Helper()
	s.serving.Wait()
	code := bad.code
	if bad == dataAfterClose {
		code = closeNormal
	}
	if len(s.closes) != 1 || len(s.closes[0]) != 2 || binary.BigEndian.Uint16(s.closes[0]) != code {
		t.Errorf("%s: close frames % x, want one with %d", name, s.closes, code)
	}
}

func TestAValidCloseCodeIsReturned(t *testing.T) {
	for payload, want := range map[string]string{"": "", "\x03\xf4bye": "\x03\xf4", "\x0f\xa1": "\x0f\xa1"} {
		s := &rawServer{answer: accepting, frames: string(fromServer(0x88, payload))}
		r := measure(t, serving(t, s.handle), Throughput)
		r.wantMetric(t, "violations", 0)
		s.serving.Wait()
		if len(s.closes) != 1 || string(s.closes[0]) != want {
			t.Errorf("%q was answered with % x", payload, s.closes)
		}
	}
}

// A run does not try a server again, for the whole duration, that has answered with a wrong 101.
func TestAWrong101IsNotTriedAgain(t *testing.T) {
	s := &rawServer{answer: func(k string) string {
		return strings.Replace(accepting(k), "\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", 1)
	}}
	p := serving(t, s.handle)
	p.Connections = 20
	r := measure(t, p, Storm)
	r.wantMetric(t, "entered", 0)
	r.wantMetric(t, "not_entered", 20)
	r.wantMetric(t, "violations", 20)
	if r.Violations[wrongExtension.kind] != 20 || len(r.Problems) != 2 {
		t.Errorf("violations %v, problems %q", r.Violations, r.Problems)
	}
	s.serving.Wait()
	if slices.Sort(s.keys); len(slices.Compact(s.keys)) != 20 {
		t.Errorf("the keys of 20 connections: %q", s.keys)
	}
}
