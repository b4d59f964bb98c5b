package load

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"sync"
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
