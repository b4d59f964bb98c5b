package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// supervisor is systemd, as it is told of by sd_notify(3): a datagram on a socket that the environment names. That is
// all there is to it, so that no library is needed. A nil one is nobody, and hears nothing.
type supervisor struct {
	socket *net.UnixConn
	log    *slog.Logger
	patrol time.Duration // how often it wants to hear that all is well; 0: not at all
}

// What can be said.
const (
	saysReady    = "READY=1"
	saysStopping = "STOPPING=1"
	saysAlive    = "WATCHDOG=1"
)

// sayPatience bounds how long systemd may take to make room for what it is told.
const sayPatience = time.Second

// findSupervisor connects to the one who waits to hear from us, if there is one.
func findSupervisor(log *slog.Logger) *supervisor {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return nil
	}
	socket, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		log.Warn("the notification socket of systemd cannot be reached", "reason", err)
		return nil
	}
	return &supervisor{socket: socket, log: log, patrol: watchdogPatrol(os.Getenv, os.Getpid())}
}

// watchdogPatrol is half of what the watchdog waits before it restarts us, as sd_watchdog_enabled(3) advises.
func watchdogPatrol(env func(string) string, pid int) time.Duration {
	if owner := env("WATCHDOG_PID"); owner != "" && owner != strconv.Itoa(pid) {
		return 0
	}
	microseconds, err := strconv.ParseInt(env("WATCHDOG_USEC"), 10, 64)
	if err != nil || microseconds <= 0 {
		return 0
	}
	return time.Duration(microseconds) * time.Microsecond / 2
}

func (s *supervisor) say(state string) {
	if s == nil {
		return
	}
	_ = s.socket.SetWriteDeadline(time.Now().Add(sayPatience)) // a systemd that does not read must not hold up a stop
	if _, err := s.socket.Write([]byte(state)); err != nil {
		s.log.Warn("systemd was not notified", "state", state, "reason", err)
	}
}

// reloading says that a reload begins, at which instant: Type=notify-reload waits for a READY=1 from after it.
func (s *supervisor) reloading() {
	var now unix.Timespec
	if s == nil || unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) != nil {
		return
	}
	s.say(fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", now.Nano()/int64(time.Microsecond)))
}

// watch tells the watchdog that all is well for as long as it is, and goes on until ctx ends.
func (s *supervisor) watch(ctx context.Context, responsive func() bool) {
	if s == nil || s.patrol == 0 {
		return
	}
	ticker := time.NewTicker(s.patrol)
	defer ticker.Stop()
	for {
		if responsive() {
			s.say(saysAlive)
		} else {
			s.log.Error("a reactor is stuck: the watchdog is not notified")
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}
