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

// supervisor notifies systemd by sd_notify(3): it sends datagrams to a socket that the environment names. That is the
// whole protocol, so no library is needed. A nil supervisor sends nothing.
type supervisor struct {
	socket *net.UnixConn
	log    *slog.Logger
	patrol time.Duration // interval of the watchdog messages; 0: none
}

// The messages.
const (
	saysReady    = "READY=1"
	saysStopping = "STOPPING=1"
	saysAlive    = "WATCHDOG=1"
)

// sayPatience limits how long a message to systemd may wait for room in the socket.
const sayPatience = time.Second

// findSupervisor connects to the socket in the environment. It returns nil if there is none.
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

// watchdogPatrol returns half of the time after which the watchdog restarts us, as sd_watchdog_enabled(3) advises.
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

// reloading announces that a reload begins, and when: Type=notify-reload waits for a READY=1 from after it.
func (s *supervisor) reloading() {
	var now unix.Timespec
	if s == nil || unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) != nil {
		return
	}
	s.say(fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", now.Nano()/int64(time.Microsecond)))
}

// watch sends watchdog messages while the node is well, until ctx ends.
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
