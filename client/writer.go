package client

import (
	"errors"
	"net"
	"sync"
	"time"
)

const (
	// writeTimeout bounds one write to a server that does not read.
	writeTimeout = 10 * time.Second

	// maxPendingBytes bounds the bytes that wait to be written.
	maxPendingBytes = 32 << 20
)

var errBacklog = errors.New("the server does not read")

// writer writes frames in their order. It has a goroutine only while there is something to write, so that no caller waits for the network,
// and an idle client costs none.
type writer struct {
	conn net.Conn

	mu       sync.Mutex
	pending  []byte
	flushing bool
	flushed  chan struct{} // closed when all is written, if a goroutine waits for that
	err      error
}

// write appends a frame. An error means that the connection has ended, which its reader will find, too.
func (w *writer) write(op byte, payload []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil && len(w.pending) > maxPendingBytes {
		w.fail(errBacklog)
	}
	if w.err != nil {
		return w.err
	}
	w.pending = appendFrame(w.pending, op, payload)
	if !w.flushing {
		w.flushing = true
		go w.flush()
	}
	return nil
}

// flush writes all that is pending, and ends.
func (w *writer) flush() {
	var batch []byte
	for {
		w.mu.Lock()
		batch, w.pending = w.pending, batch[:0]
		if len(batch) == 0 || w.err != nil {
			w.pending, w.flushing = nil, false // most clients are idle most of the time: they keep no buffer
			if w.flushed != nil {
				close(w.flushed)
				w.flushed = nil // another write may follow, and fail
			}
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		_ = w.conn.SetWriteDeadline(time.Now().Add(writeTimeout)) // without one, the write reports what is wrong
		if _, err := w.conn.Write(batch); err != nil {
			w.mu.Lock()
			w.fail(err)
			w.mu.Unlock()
		}
	}
}

// fail ends the connection. The caller holds mu.
func (w *writer) fail(err error) {
	w.err = err
	w.conn.Close()
}

// finish writes a close frame after all else, and closes the connection: within a second, also if the server does not read.
func (w *writer) finish(payload []byte) {
	defer w.conn.Close()
	if w.write(opClose, payload) != nil {
		return
	}
	w.mu.Lock()
	flushed := make(chan struct{})
	if w.flushing {
		w.flushed = flushed
	} else {
		close(flushed)
	}
	w.mu.Unlock()
	timer := time.NewTimer(goodbyeTimeout)
	defer timer.Stop()
	select {
	case <-flushed:
	case <-timer.C:
	}
}
