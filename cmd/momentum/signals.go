package main

import (
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/term"
)

// signals are what an operator can tell a process that serves.
type signals struct {
	stopping chan os.Signal // SIGTERM, SIGINT
	reload   chan os.Signal // SIGHUP
	hurried  atomic.Bool    // a second signal has asked to stop at once
	terminal *os.File       // that was opened for us; nil: none
}

// newSignals listens for them. out is where a terminal would be, if the process was started on one. SIGPIPE is ignored:
// without the reader of the log the node goes on, and a write to a closed pipe returns an error.
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

// patience is how long the end may wait for the reader of the log.
func (s *signals) patience() time.Duration {
	if s.hurried.Load() || len(s.stopping) > 0 {
		return lastLinesHurried
	}
	return lastLines
}

// hungUp says whether a SIGHUP meant what it is named after: the terminal has been closed. A server that somebody has
// tried out in it would otherwise go on, with its ports, where nobody sees it.
func (s *signals) hungUp() bool { return s.terminal != nil && !term.IsTerminal(int(s.terminal.Fd())) }
