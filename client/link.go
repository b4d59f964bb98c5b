package client

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

const (
	// readBytes is the size of a connection's read buffer.
	readBytes = 2 << 10

	// answerTimeout is how long a client waits for a frame after it has asked for one.
	answerTimeout = 5 * time.Second

	// goodbyeTimeout bounds the wait for the answer to a close frame.
	goodbyeTimeout = time.Second
)

var errSilent = errors.New("the server does not answer")

// link is one connection after its handshake. One goroutine reads from it. It notices if the server falls silent.
type link struct {
	conn    net.Conn
	frames  frames
	writer  writer
	buffer  []byte // read, and not yet taken
	storage []byte
	idle    time.Duration // silence after which ask is called
	ask     func()

	mu      sync.Mutex
	watched bool // the welcome has come: silence is watched
	asked   bool // the next bytes must come by the deadline
	leaving bool // the deadline is that of the goodbye
}

// newLink returns a link that has the bytes that were read after the handshake's answer. Until watch, the deadline of conn counts.
func newLink(conn net.Conn, early []byte, limit int, idle time.Duration, ask func()) *link {
	l := &link{conn: conn, buffer: early, storage: make([]byte, readBytes), idle: idle, ask: ask}
	l.frames = frames{from: l, limit: limit}
	l.writer.conn = conn
	return l
}

// Read returns bytes from the buffer, or reads more. A large piece does not go through the buffer.
func (l *link) Read(p []byte) (int, error) {
	if len(l.buffer) == 0 {
		if len(p) >= len(l.storage) {
			return l.receive(p)
		}
		n, err := l.receive(l.storage)
		if err != nil {
			return 0, err
		}
		l.buffer = l.storage[:n]
	}
	n := copy(p, l.buffer)
	l.buffer = l.buffer[n:]
	return n, nil
}

// receive reads from the socket. After a silence it asks for a sign of life, and fails if none comes.
func (l *link) receive(p []byte) (int, error) {
	for {
		n, err := l.conn.Read(p)
		if n > 0 {
			l.frameArrived()
			return n, nil
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return 0, err
		}
		if !l.askOnce() {
			return 0, errSilent
		}
	}
}

// watch begins to watch for silence.
func (l *link) watch() {
	l.mu.Lock()
	l.watched = true
	l.mu.Unlock()
	l.frameArrived()
}

func (l *link) frameArrived() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.watched && !l.leaving {
		l.asked = false
		l.expectBy(l.idle)
	}
}

// askOnce asks for a sign of life. It returns false if that makes no sense, or has been done.
func (l *link) askOnce() bool {
	l.mu.Lock()
	if !l.watched || l.asked || l.leaving {
		l.mu.Unlock()
		return false
	}
	l.asked = true
	l.expectBy(answerTimeout)
	l.mu.Unlock()
	l.ask()
	return true
}

// leave sends a close frame, and gives the server a second to answer it.
func (l *link) leave(code int, reason string) {
	l.mu.Lock()
	again := l.leaving
	l.leaving = true
	l.expectBy(goodbyeTimeout)
	l.mu.Unlock()
	if !again {
		_ = l.writer.write(opClose, closePayload(code, reason)) // the reader sees the end
	}
}

// expectBy sets the time until which bytes must come. The caller holds mu.
func (l *link) expectBy(d time.Duration) {
	_ = l.conn.SetReadDeadline(time.Now().Add(d)) // without one, the read reports what is wrong
}
