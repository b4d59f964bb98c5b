package main

import (
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/term"
)

// signals are the signals that an operator can send to a process that serves.
type signals struct {
	stopping chan os.Signal // SIGTERM, SIGINT
	reload   chan os.Signal // SIGHUP
	hurried  atomic.Bool    // a second signal has asked to stop at once
	terminal *os.File       // on which the process was started; nil: none
}

// newSignals listens for signals. out is a terminal if the process was started on one. SIGPIPE is ignored: if the
// reader of the log ends, the node continues, and a write to a closed pipe returns an error.
func newSignals(out *os.File) *signals {
	signal.Ignore(syscall.SIGPIPE)
	s := &signals{stopping: make(chan os.Signal, 2), reload: make(chan os.Signal, 1)}
	signal.Notify(s.stopping, syscall.SIGTERM, syscall.SIGINT)
	signal.Notify(s.reload, syscall.SIGHUP)
	if term.IsTerminal(int(out.Fd())) {
		s.terminal = out
	}
	return s
}

func (s *signals) stop() {
	signal.Stop(s.stopping)
	signal.Stop(s.reload)
}

// patience returns how long the exit may wait for the reader of the log.
func (s *signals) patience() time.Duration {
	if s.hurried.Load() || len(s.stopping) > 0 {
		return lastLinesHurried
	}
	return lastLines
}

// hungUp reports whether a SIGHUP means that the terminal has been closed. A server that was tried out in it would
// otherwise keep running unnoticed and hold its ports.
func (s *signals) hungUp() bool { return s.terminal != nil && !term.IsTerminal(int(s.terminal.Fd())) }
