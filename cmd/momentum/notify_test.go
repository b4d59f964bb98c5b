package main

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// hearing returns systemd's end of the socket, and ours.
func hearing(t *testing.T, env map[string]string) (hear func() string, s *supervisor) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	for _, name := range []string{"WATCHDOG_USEC", "WATCHDOG_PID"} {
		t.Setenv(name, env[name])
	}
	return func() string {
		datagram := make([]byte, 256)
		_ = socket.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := socket.Read(datagram)
		if err != nil {
			t.Fatal(err)
		}
		return string(datagram[:n])
	}, findSupervisor(slog.New(slog.DiscardHandler))
}

func TestSystemdIsNotified(t *testing.T) {
	hear, s := hearing(t, nil)
	s.say(saysReady)
	s.reloading()
	s.say(saysStopping)
	for _, want := range []string{`^READY=1$`, `^RELOADING=1\nMONOTONIC_USEC=[1-9]\d+$`, `^STOPPING=1$`} {
		if got := hear(); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("received %q, want %s", got, want)
		}
	}
}

// TestANodeThatHangsSendsNoWatchdogMessage: systemd restarts a node that sends nothing.
func TestANodeThatHangsSendsNoWatchdogMessage(t *testing.T) {
	hear, s := hearing(t, map[string]string{"WATCHDOG_USEC": "2000"})
	ctx, cancel := context.WithCancel(t.Context())
	answers := make(chan bool)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.watch(ctx, func() bool { return <-answers })
	}()
	answers <- false
	answers <- true
	answers <- false // the node was asked again, so the answers before it were sent
	cancel()
	close(answers)
	<-done
	s.say("end")
	if got := hear() + " " + hear(); got != "WATCHDOG=1 end" {
		t.Errorf("received %q", got)
	}
}

func TestWithoutASocketNothingIsSent(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	s := findSupervisor(slog.New(slog.DiscardHandler))
	s.say(saysReady)
	s.reloading()
	s.watch(t.Context(), func() bool { return true })
	t.Setenv("NOTIFY_SOCKET", t.TempDir()+"/gone")
	if findSupervisor(slog.New(slog.DiscardHandler)) != nil {
		t.Error("a supervisor was found")
	}
}

func TestWatchdogIsPingedTwiceInItsTime(t *testing.T) {
	for _, tt := range []struct {
		usec, pid string
		want      time.Duration
	}{
		{"30000000", "", 15 * time.Second}, {"30000000", "7", 15 * time.Second}, {"30000000", "8", 0},
		{"", "", 0}, {"0", "", 0}, {"-5", "", 0}, {"soon", "", 0},
	} {
		env := map[string]string{"WATCHDOG_USEC": tt.usec, "WATCHDOG_PID": tt.pid}
		if got := watchdogPatrol(func(name string) string { return env[name] }, 7); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}
