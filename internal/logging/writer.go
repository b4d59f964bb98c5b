package logging

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// queueBytes bounds the lines that wait for the reader of the log: some 4,000, more than a node logs in a minute
	// at any level but debug. As much again may be on its way to the file.
	queueBytes = 1 << 20

	// keepBytes is how much of a buffer is kept for the next lines after a burst.
	keepBytes = 64 << 10
)

// Writer queues lines and writes them on a goroutine of its own. A file may block for any time: a full pipe, a
// stopped terminal, a disk that hangs. So Write never waits. Lines are dropped and counted if the queue has no room
// for them, or if the file refuses them, as a pipe without a reader does.
type Writer struct {
	out     io.Writer
	report  func(dropped uint64) []byte // the line that says how many were dropped; nil: none does
	wake    chan struct{}
	dropped atomic.Uint64 // lines, since the start

	mu     sync.Mutex
	queued []byte
	untold uint64        // dropped lines that the log has not reported yet
	closed bool          // further lines are dropped
	done   chan struct{} // closed when the last line has been written after Close
}

// NewWriter returns a Writer to out.
func NewWriter(out io.Writer) *Writer { return newWriter(out, nil) }

func newWriter(out io.Writer, report func(dropped uint64) []byte) *Writer {
	w := &Writer{out: out, report: report, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go w.run()
	return w
}

// Write queues p, which is one line, or drops it. It always succeeds.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.queued)+len(p) > queueBytes {
		w.drop(1)
		return len(p), nil
	}
	w.queued = append(w.queued, p...)
	w.ring()
	return len(p), nil
}

// Dropped returns how many lines were dropped since the start.
func (w *Writer) Dropped() uint64 { return w.dropped.Load() }

// Close ends the Writer. It waits until the queue has been written, but at most for patience, and reports whether the
// whole queue was written.
func (w *Writer) Close(patience time.Duration) bool {
	w.mu.Lock()
	w.closed = true
	w.ring()
	w.mu.Unlock()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-w.done:
		return true
	case <-timer.C:
		return false
	}
}

// ring wakes the goroutine that writes.
func (w *Writer) ring() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// drop counts lines that will not be written. The lock is held.
func (w *Writer) drop(lines uint64) {
	w.dropped.Add(lines)
	w.untold += lines
}

func (w *Writer) run() {
	defer close(w.done)
	var batch []byte
	for {
		var dropped uint64
		var closed bool
		batch, dropped, closed = w.take(batch)
		switch {
		case len(batch) > 0:
			w.write(batch, dropped)
		case closed:
			return
		default:
			<-w.wake
		}
	}
}

// take returns all lines that are queued, and how many were dropped after them. Further lines are queued in the buffer
// that the last batch was in.
func (w *Writer) take(written []byte) (batch []byte, dropped uint64, closed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if cap(written) > keepBytes {
		written = nil
	}
	if len(w.queued) == 0 {
		return written[:0], 0, w.closed
	}
	batch, w.queued = w.queued, written[:0]
	dropped, w.untold = w.untold, 0
	return batch, dropped, false
}

// write writes a batch, and then the line that says how many lines were dropped after it.
func (w *Writer) write(batch []byte, dropped uint64) {
	n, err := w.out.Write(batch)
	if err == nil && dropped > 0 && w.report != nil {
		_, err = w.out.Write(w.report(dropped))
	}
	if err == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.untold += dropped
	w.drop(uint64(bytes.Count(batch[n:], []byte("\n"))))
}
