package main

import (
	"os"
	"os/signal"
	"syscall"
)

// signals are what an operator can tell a process that serves.
type signals struct {
	stopping chan os.Signal // SIGTERM, SIGINT
	reload   chan os.Signal // SIGHUP
}

func newSignals() signals {
	s := signals{stopping: make(chan os.Signal, 2), reload: make(chan os.Signal, 1)}
	signal.Notify(s.stopping, syscall.SIGTERM, syscall.SIGINT)
	signal.Notify(s.reload, syscall.SIGHUP)
	return s
}

func (s signals) stop() {
	signal.Stop(s.stopping)
	signal.Stop(s.reload)
}
