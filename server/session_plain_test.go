package server

import (
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestPlainRequestIsHandedOn in the bytes that net/http takes: without an empty line before it (RFC 9112 §2.2). HEAD is
// refused without content (RFC 9110 §9.3.2).
func TestPlainRequestIsHandedOn(t *testing.T) {
	handed := make(chan string, 1)
	o := realOptions()
	o.HandOff = func(fd int, arrived []byte, _ bool, _ func()) bool {
		handed <- string(arrived)
		return syscall.Close(fd) != nil
	}
	n := startReal(t, o)
	for request, content := range map[string]bool{"GET / HTTP/1.1\r\nHost: a\r\n\r\n": true, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n": false} {
		w, err := dialWire(n.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		if _, err := io.WriteString(w, "\r\n"+request); err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(w.in)
		if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 503 ") || strings.HasSuffix(string(answer), "\r\n\r\n") == content {
			t.Errorf("%q is answered with %q, %v", request, answer, err)
		}
		if got := <-handed; got != request {
			t.Errorf("%q is handed on as %q", request, got)
		}
	}
}

// TestProbesAreAnsweredOnTheReactor asks for the node's health in each way that is a probe, and in some that are not:
// those go to the sidecar, which refuses them.
func TestProbesAreAnsweredOnTheReactor(t *testing.T) {
	for request, want := range map[string]string{
		"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n":                                    "200",
		"GET /readyz?from=balancer HTTP/1.0\r\n\r\n":                                 "200",
		"GET /readyz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n":               "503",
		"POST /readyz HTTP/1.1\r\nHost: a\r\n\r\n":                                   "503",
		"GET /readyz/ HTTP/1.1\r\nHost: a\r\n\r\n":                                   "503",
		"GET /readyz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n":      "503",
		"GET /readyz HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n":              "400",
		"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\nGET /readyz HTTP/1.1\r\n\r\n":        "200", // once
		"HEAD /readyz HTTP/1.1\r\nHost: a\r\n\r\n":                                   "200",
		"GET http://a/readyz HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\n\r\n": "200",
	} {
		w := newWorld(t, 1, nil)
		c := w.dial("balancer")
		c.Send([]byte(request))
		w.net.Settle()
		answer := string(c.Received())
		if !strings.HasPrefix(answer, "HTTP/1.1 "+want+" ") || !strings.Contains(answer, "\r\nConnection: close\r\n") {
			t.Errorf("%q is answered with %q, want %s", request, answer, want)
		}
		if noContent := strings.HasSuffix(answer, "\r\n\r\n"); noContent != strings.HasPrefix(request, "HEAD") {
			t.Errorf("%q is answered with %q", request, answer)
		}
		if got := w.server.Stats(); want == "200" && (got.Probes != 1 || got.HandedOff != 0 || len(got.Refused) != 0) {
			t.Errorf("%q is counted as %+v", request, got)
		}
		if w.net.Advance(3 * time.Second); w.server.group.Open() != 0 || w.audit() != nil {
			t.Errorf("%q leaves %d sockets; audit %v", request, w.server.group.Open(), w.audit())
		}
	}
}

// TestAHandedOverConnectionCountsUntilItIsClosed has the sidecar keep a plain HTTP connection: its address has no room
// for another one until the sidecar has closed it. One that the sidecar does not take stops counting when it closes.
func TestAHandedOverConnectionCountsUntilItIsClosed(t *testing.T) {
	taken := make(chan func(), 1)
	o := realOptions()
	o.MaxPerAddress = 1
	o.HandOff = func(fd int, _ []byte, _ bool, closed func()) bool {
		_ = syscall.Close(fd)
		select {
		case taken <- closed:
			return true
		default:
			return false
		}
	}
	n := startReal(t, o)
	script, err := dialWire(n.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer script.Close()
	const plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	if _, err := io.WriteString(script, plain); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the connection is handed over", func() bool { return n.Stats().HandedOff == 1 && n.group.Open() == 0 })
	if _, err := join(n.addr, realToken(t, "alice")); err == nil || !strings.HasPrefix(err.Error(), "429 ") {
		t.Errorf("with its place taken by the sidecar: %v", err)
	}
	if err := n.Audit(t.Context()); err != nil {
		t.Error(err)
	}
	closed := <-taken
	taken <- nil // full again
	closed()
	if status, answer := exchange(t, n.addr, plain); status != 503 || answer.Error != "http_full" {
		t.Errorf("with no room in the sidecar: %d %+v", status, answer)
	}
	eventually(t, "nothing is counted", func() bool { return n.addresses.Count() == 0 })
	mustJoin(t, n, "bob").Close()
}
