package output

import (
	"io"
	"sync"
)

// Stream is standard output, and remembers whether a write has failed. A tool that prints line by line checks that
// once, at the end, so that its exit code tells a script whether the output is complete.
type Stream struct {
	w     io.Writer
	mutex sync.Mutex
	err   error
}

// NewStream wraps standard output.
func NewStream(w io.Writer) *Stream { return &Stream{w: w} }

// Writer returns the underlying writer.
func (s *Stream) Writer() io.Writer { return s.w }

// Write writes p, unless an earlier write has failed.
func (s *Stream) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.w.Write(p)
	s.err = err
	return n, err
}

// Err returns the error of the first write that failed.
func (s *Stream) Err() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.err
}
