package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestCheckRecognisesARunningServer(t *testing.T) {
	ours := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/livez" {
			_, _ = io.WriteString(w, `{"status":"ok","parts":{"reactors":"ok"}}`)
		}
	}))
	defer ours.Close()
	c := free(t)
	c.Addr = ours.Listener.Addr().String()
	out, err := checked(t, c)
	if err != nil || !strings.Contains(out, "warning: --addr: a momentum serves on "+c.Addr+" now") {
		t.Errorf("error %v\n%s", err, out)
	}
	for _, addr := range []string{"0.0.0.0", ""} {
		if !isMomentum(net.JoinHostPort(addr, c.Addr[strings.LastIndex(c.Addr, ":")+1:])) {
			t.Errorf("not found by %q", addr)
		}
	}
}

func TestAMissingRightToListenIsPermanent(t *testing.T) {
	err := listenFault("--addr", "127.0.0.1:80", &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EACCES)})
	if exitCode(err) != exitSettings || !strings.Contains(err.Error(), "port 80: write a port above 1023") {
		t.Errorf("%d: %v", exitCode(err), err)
	}
}
