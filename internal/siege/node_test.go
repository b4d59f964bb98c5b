package siege

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"momentum/server/auth"
)

const (
	secret = "the secret of the sieges, thirty-two bytes or more"

	// patience bounds every wait. A test that uses all of it has failed.
	patience = 15 * time.Second

	// clockTick is the kernel's unit for a process's processor time (USER_HZ).
	clockTick = 10 * time.Millisecond

	// maxLines is how many lines a node may log under an attack of thousands: it reports its state, not each event.
	maxLines = 5

	// maxNamed is how many lines a second it may log about clients that it has closed for faults of theirs.
	maxNamed = 6
)

// full reports whether the attacks have the size of a real one. If not, they have a tenth of it, which shows the same in
// seconds.
var full = os.Getenv("SIEGE") == "full"

func sized(small, large int) int {
	if full {
		return large
	}
	return small
}

var program string

func TestMain(m *testing.M) {
	if os.Getenv(echoVariable) != "" {
		fmt.Fprintln(os.Stderr, beEcho())
		os.Exit(1)
	}
	dir, err := os.MkdirTemp("", "momentum-siege-")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "momentum")
	if out, err := exec.Command("go", "build", "-o", program, "momentum/cmd/momentum").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build the server: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// node is a server in a process of its own, so that its memory and processor time can be measured.
type node struct {
	t         *testing.T
	cmd       *exec.Cmd
	ws, admin string
	log       lines
}

// serve starts a node with a descriptor limit (0: the limit of the tests) and settings.
func serve(t *testing.T, descriptors int, env ...string) *node {
	t.Helper()
	script := `exec "$PROGRAM" serve`
	if descriptors > 0 {
		script = fmt.Sprintf("ulimit -n %d; %s", descriptors, script)
	}
	n := &node{t: t, cmd: exec.Command("/bin/sh", "-c", script)}
	n.cmd.Env = append([]string{"PROGRAM=" + program, "JWT_SECRET=" + secret, "PORT=0", "ADMIN_ADDR=127.0.0.1:0", "LOG_FORMAT=json"}, env...)
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a killed test leaves no process running
	n.cmd.Stdout, n.cmd.Stderr = &n.log, &n.log
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = n.cmd.Process.Kill()
		_ = n.cmd.Wait()
		if t.Failed() {
			t.Logf("the log of the node:\n%.4000s", n.log.text())
		}
	})
	eventually(t, "the node serves", func() bool { return strings.Contains(n.log.text(), `"msg":"serving"`) })
	n.ws, n.admin = n.logged("websocket"), n.logged("admin")
	return n
}

func (n *node) logged(key string) string {
	_, rest, _ := strings.Cut(n.log.text(), `"`+key+`":"`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// lines collects the output of a process.
type lines struct {
	mu      sync.Mutex
	printed bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.printed.Write(b)
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.printed.String()
}

// count returns how many lines there are, and how many of them are about clients that the node has closed.
func (l *lines) count() (all, named int) {
	text := l.text()
	return strings.Count(text, "\n"), strings.Count(text, `"msg":"connection closed"`) + strings.Count(text, `"msg":"more connections were closed`)
}

// stats are the figures of /ws/stats that the tests need.
type stats struct {
	Total      int            `json:"total_connections"`
	Sockets    int            `json:"sockets"`
	Refused    map[string]int `json:"handshakes_refused"`
	Closed     map[string]int `json:"closed"`
	TurnedAway int            `json:"turned_away"`
}

func (n *node) stats() (s stats) {
	n.t.Helper()
	client := http.Client{Timeout: patience}
	answer, err := client.Get("http://" + n.admin + "/ws/stats")
	if err != nil {
		n.t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&s); err != nil {
		n.t.Fatal(err)
	}
	return s
}

// memory is the node's resident memory in bytes: now ("VmRSS"), or its maximum so far ("VmHWM").
func (n *node) memory(which string) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(text), which+":")
	var kilobytes int
	if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
		n.t.Fatalf("no %s: %v", which, err)
	}
	return kilobytes << 10
}

// time is the processor time that the node has used.
func (n *node) time() time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", n.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		n.t.Fatalf("no times in %q", text)
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * clockTick
}

// eventually waits until a condition holds. It checks 50 times a second.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	patiently(t, patience, what, holds)
}

// patiently is eventually with a time limit of its own.
func patiently(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(limit); !holds(); <-look.C {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

func token(t *testing.T, name string) string {
	t.Helper()
	signed, err := auth.Sign([]byte(secret), auth.Claims{
		UserID: auth.UserID(name), Username: name, ExpiresAt: time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return signed
}
