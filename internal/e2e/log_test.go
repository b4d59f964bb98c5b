package e2e

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	"golang.org/x/sys/unix"

	"momentum/internal/postgrestest"
	"momentum/server/auth"
)

// serveInto starts the server on free ports with a file for all its output, which is not read yet.
func serveInto(t *testing.T, out *os.File, env ...string) *serving {
	t.Helper()
	s := &serving{ws: freeAddr(t), admin: freeAddr(t)}
	_, port, _ := net.SplitHostPort(s.ws)
	cmd := exec.Command(filepath.Join(bin, "momentum"), "serve")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Env = append([]string{"JWT_SECRET=" + testSecret, "PORT=" + port, "ADMIN_ADDR=" + s.admin, "LOG_FORMAT=json"}, env...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.Close()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s.process = &process{t: t, cmd: cmd}
	eventually(t, "the node serves", func() bool {
		c, err := net.Dial("tcp", s.ws) // is bound last
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return s
}

// smallPipe is a pipe that is full after some lines.
func smallPipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.FcntlInt(w.Fd(), unix.F_SETPIPE_SZ, 4096); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r, w
}

// churn has connections come and go until each of them must have been logged at level debug, and the pipe is full.
func (s *serving) churn(t *testing.T) {
	t.Helper()
	token := signFor(t, "guest")
	for range 100 {
		_ = s.mustEnter(t, token).CloseNow()
	}
	eventually(t, "all of them are gone", func() bool {
		_, body := ask(t, "GET", "http://"+s.admin+"/ws/stats", "")
		return strings.Contains(body, `"gone":100`)
	})
}

// TestLogSaysNamesAndUnits holds that the JSON log has names and units where the code has numbers.
func TestLogSaysNamesAndUnits(t *testing.T) {
	s := serve(t, "LOG_LEVEL=debug", "DRAIN_TIMEOUT=2")
	_ = s.mustEnter(t, signFor(t, "alice")).CloseNow()
	said := s.expect(`"queued_bytes":0}`)
	want := regexp.MustCompile(`"reason":"gone","code":1006,"connection":"\d+/\d+\.\d+","user_id":"[-0-9a-f]{36}","username":"alice","address":"127\.0\.0\.1",`)
	if !want.MatchString(said) {
		t.Errorf("no line has %v:\n%s", want, said)
	}
	awaitConnections(t, s, 0) // the line is written before the session leaves
	s.signal(syscall.SIGTERM)
	s.expect(`"msg":"draining","part":"server","sessions":0,"within_ms":2000}`)
}

// TestServerOutlivesTheReaderOfItsLog is momentum 2>&1 | head -1: the node serves on without a reader, and drains.
func TestServerOutlivesTheReaderOfItsLog(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	head := exec.Command("head", "-1")
	head.Stdin = r
	if err := head.Start(); err != nil {
		t.Fatal(err)
	}
	r.Close()
	s := serveInto(t, w, "LOG_LEVEL=debug", "DRAIN_TIMEOUT=2")
	if err := head.Wait(); err != nil {
		t.Fatal(err)
	}
	alice := s.mustEnter(t, signFor(t, "alice"))
	s.churn(t)
	wantAlive(t, alice)
	if _, body := ask(t, "GET", "http://"+s.admin+"/metrics", ""); strings.Contains(body, "\nmomentum_log_lines_dropped_total 0\n") {
		t.Error("nobody reads the log, and no line is counted as dropped")
	}
	s.signal(syscall.SIGTERM)
	if end := ended(t, alice); end.Code != coder.StatusServiceRestart {
		t.Errorf("closed with %v", end)
	}
	if code := s.exit(); code != 0 {
		t.Errorf("the server exits with %d", code)
	}
}

// TestServerDoesNotWaitForTheReaderOfItsLog has a reader that stops, at level debug: reactors answer, and SIGTERM drains
// and ends the process in time.
func TestServerDoesNotWaitForTheReaderOfItsLog(t *testing.T) {
	_, w := smallPipe(t)
	s := serveInto(t, w, "LOG_LEVEL=debug", "DRAIN_TIMEOUT=2")
	alice, bob := s.mustEnter(t, signFor(t, "alice")), s.mustEnter(t, signFor(t, "bob"))
	s.churn(t)
	wantAlive(t, alice)
	wantAlive(t, bob)
	begun := time.Now()
	s.signal(syscall.SIGTERM)
	for _, c := range []*coder.Conn{alice, bob} {
		if end := ended(t, c); end.Code != coder.StatusServiceRestart {
			t.Errorf("closed with %v", end)
		}
	}
	if code := s.exit(); code != 0 || time.Since(begun) > 5*time.Second {
		t.Errorf("the server exits with %d after %v, of which 2 s are for the drain and 1 s for the log", code, time.Since(begun))
	}
}

// TestSecondSIGTERMDoesNotWaitForTheReaderOfTheLog stops a drain that would go on for seconds.
func TestSecondSIGTERMDoesNotWaitForTheReaderOfTheLog(t *testing.T) {
	const crowd = 300 // at 80 a second on one reactor
	_, w := smallPipe(t)
	s := serveInto(t, w, "LOG_LEVEL=debug", "DRAIN_TIMEOUT=60", "REACTORS=1", "WS_MAX_CONNECTIONS_PER_USER=0")
	s.churn(t)
	token := signFor(t, "guest")
	for range crowd {
		s.mustEnter(t, token)
	}
	s.signal(syscall.SIGTERM)
	eventually(t, "the node drains", func() bool { ready, _ := s.ready(t); return !ready })
	begun := time.Now()
	s.signal(syscall.SIGTERM)
	if code := s.exit(); code != 0 || time.Since(begun) > 2*time.Second {
		t.Errorf("after a second SIGTERM the server exits with %d after %v", code, time.Since(begun))
	}
}

// TestListenerDoesNotWaitForTheReaderOfTheLog makes the listener of the database log more than the queue holds while
// the reader of the log has stopped. A user that is deactivated then is closed within a second all the same. When the
// reader goes on, the log says at once how many lines were dropped.
func TestListenerDoesNotWaitForTheReaderOfTheLog(t *testing.T) {
	url := postgrestest.Database(t)
	migrated(t, url, "alice")
	r, w := smallPipe(t)
	s := serveInto(t, w, "DATABASE_URL="+url)
	eventually(t, "the node hears of changes", func() bool { ready, _ := s.ready(t); return ready })
	alice := s.mustEnter(t, signFor(t, "alice"))
	const unreadable = "SELECT pg_notify('momentum_users', repeat('x', 7000) || n) FROM generate_series(1, 200) AS n" // 1.4 MB
	postgrestest.Exec(t, url, unreadable)
	postgrestest.Exec(t, url, "UPDATE users SET active = false WHERE id = $1", auth.UserID("alice").String())
	wantEnded(t, 4003, "", alice)
	if _, body := ask(t, "GET", "http://"+s.admin+"/ws/stats", ""); strings.Contains(body, `"log_lines_dropped":0`) {
		t.Error("the queue is full, and no line is counted as dropped")
	}
	_ = r.SetReadDeadline(time.Now().Add(patience))
	lines := bufio.NewReaderSize(r, 64<<10)
	unread := 0
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("after %d lines the log does not say that some are missing: %v", unread, err)
		}
		if strings.Contains(line, "names no user") {
			unread++
		}
		if strings.Contains(line, "log lines were dropped") {
			break
		}
	}
	if unread < 100 || unread >= 200 {
		t.Errorf("%d of 200 lines were kept", unread)
	}
}
