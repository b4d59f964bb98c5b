package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"momentum/internal/doctor"
)

// breaking is a host or a node with a limit, and the sign of its end.
type breaking struct {
	limit string // as the doctor names it
	env   []string
	shell string // runs before the program
	// ended reports whether the limit is reached. Refused is the status of a handshake, 0 if it could not be made.
	ended func(t *testing.T, s *serving, refused int, err error) bool
	step  int // connections between two looks; 1: each handshake is looked at
}

// predicted asks the doctor, under the limits under which the server will run.
func (b *breaking) predicted(t *testing.T) doctor.Prediction {
	t.Helper()
	command := exec.Command("/bin/sh", "-c", b.shell+`exec "$BIN/momentum" doctor --json`)
	command.Env = b.environment()
	said, err := command.Output()
	var r doctor.Report
	if fault := json.Unmarshal(said, &r); fault != nil {
		t.Fatalf("the doctor said %s (%v, %v)", said, err, fault)
	}
	return r.Prediction
}

func (b *breaking) environment() []string {
	return append([]string{"JWT_SECRET=" + testSecret, "PORT=0", "ADMIN_ADDR=127.0.0.1:0", "LOG_FORMAT=json", "BIN=" + bin, "PATH=" + os.Getenv("PATH")}, b.env...)
}

// knock makes a handshake, and returns its status. A connection that was admitted is held until the test ends.
func knock(t *testing.T, s *serving, user int) (int, error) {
	t.Helper()
	c, err := net.DialTimeout("tcp", s.ws, patience)
	if err != nil {
		return 0, err
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(c, "GET /ws?token=%s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		signFor(t, fmt.Sprint("user", user)))
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, err
	}
	_ = c.SetDeadline(time.Time{})
	go func() { _, _ = io.Copy(io.Discard, c) }()
	return answer.StatusCode, nil
}

// run compares the number of clients that a server holds with the prediction.
func (b *breaking) run(t *testing.T) {
	t.Helper()
	if off := b.held(t); math.Abs(off) > 0.05 {
		t.Errorf("the server holds %+.1f %% more connections than the doctor predicted", 100*off)
	}
}

// held connects clients until the limit is reached, and returns how many more they are than predicted, as a share.
func (b *breaking) held(t *testing.T) (off float64) {
	t.Helper()
	p := b.predicted(t)
	if p.Limit != b.limit {
		t.Fatalf("the doctor names %s first, want %s: %+v", p.Limit, b.limit, p.Limits)
	}
	s := locate(start(t, b.environment(), "/bin/sh", "-c", b.shell+`exec "$BIN/momentum" serve`))
	held, begun := 0, time.Now()
	for held < 2*p.Connections+100 {
		status, err := knock(t, s, held)
		if status == http.StatusSwitchingProtocols {
			held++
		}
		if (held%b.step == 0 || status != http.StatusSwitchingProtocols) && b.ended(t, s, status, err) {
			break
		}
	}
	t.Logf("%s: %d connections predicted, %d held, in %v", b.limit, p.Connections, held, time.Since(begun).Round(time.Millisecond))
	return float64(held-p.Connections) / float64(p.Connections)
}

func isFull(_ *testing.T, _ *serving, status int, _ error) bool {
	return status == http.StatusServiceUnavailable
}

// settling is how long a node must say that its memory is short: the messages about arrivals take some of it for a moment.
const settling = 2 * time.Second

// isUnready reports whether the node says that its memory is short, and goes on to say so. With little memory it collects garbage all the time.
func isUnready(t *testing.T, s *serving, _ int, _ error) bool {
	look := time.NewTicker(settling / 10)
	defer look.Stop()
	for since := time.Now(); time.Since(since) < settling; <-look.C {
		if _, body := ask(t, "GET", "http://"+s.admin+"/readyz", ""); !strings.Contains(body, `"status":"memory"`) {
			return false
		}
	}
	return true
}

// TestTheDoctorNamesWhatBreaksFirst lowers one limit after the other, and connects clients until the server takes no more, or says that it is not ready.
func TestTheDoctorNamesWhatBreaksFirst(t *testing.T) {
	for name, b := range map[string]breaking{
		"descriptors": {limit: "descriptors", shell: "ulimit -n 1500; ", ended: isFull, step: 1},
		"the setting": {limit: "setting", env: []string{"WS_MAX_CONNECTIONS=700"}, ended: isFull, step: 1},
		"GOMEMLIMIT":  {limit: "heap", env: []string{"GOMEMLIMIT=12MiB"}, ended: isUnready, step: 100},
	} {
		t.Run(name, b.run)
	}
}

// TestTheDoctorNamesTheMemoryOfAGroup puts the server into a control group (version 1), as root may. The count is not held to 5 %: a group counts garbage
// and what clients have not read yet, and equal servers have held 3,450 to 5,800 connections in this one.
func TestTheDoctorNamesTheMemoryOfAGroup(t *testing.T) {
	group := fmt.Sprint("/sys/fs/cgroup/memory/momentum-test-", os.Getpid())
	if err := os.Mkdir(group, 0o755); err != nil {
		t.Skip("no control group can be made: ", err)
	}
	t.Cleanup(func() { _ = os.Remove(group) })
	if err := os.WriteFile(group+"/memory.limit_in_bytes", []byte("25165824"), 0o600); err != nil {
		t.Skip("no limit can be set: ", err)
	}
	b := breaking{limit: "cgroup", shell: "echo $$ > " + group + "/cgroup.procs; ", ended: isUnready, step: 50}
	if off := b.held(t); off < -0.5 || off > 1 {
		t.Errorf("the server holds %+.1f %% more connections than the doctor predicted", 100*off)
	}
}

// inNamespace is set for the test of a network namespace, which runs again in one.
const inNamespace = "MOMENTUM_TEST_NAMESPACE"

// TestTheDoctorCountsThePortsOfAProxy gives the host 600 ports, in a network namespace of its own: a proxy with one address has no more.
func TestTheDoctorCountsThePortsOfAProxy(t *testing.T) {
	if os.Getenv(inNamespace) == "" {
		again := exec.Command("unshare", "-rn", "/bin/sh", "-c",
			`ip link set lo up && echo 20000 20599 > /proc/sys/net/ipv4/ip_local_port_range || exit 77; exec "$0" -test.run "$1" -test.v`, os.Args[0], "^"+t.Name()+"$")
		again.Env = append(os.Environ(), inNamespace+"="+bin)
		said, err := again.CombinedOutput()
		if again.ProcessState == nil || again.ProcessState.ExitCode() != 0 && !strings.Contains(string(said), "--- ") {
			t.Skipf("no network namespace can be made: %v %s", err, said)
		}
		if t.Logf("%s", said); err != nil {
			t.Error(err)
		}
		return
	}
	full := func(_ *testing.T, _ *serving, status int, err error) bool {
		return status == 0 && err != nil && strings.Contains(err.Error(), "cannot assign requested address")
	}
	b := breaking{limit: "ports", env: []string{"TRUSTED_PROXIES=127.0.0.1"}, ended: full, step: 1}
	b.run(t)
}

// TestTheDoctorPredictsAStorm has all connections come at once, at a rate that the node allows.
func TestTheDoctorPredictsAStorm(t *testing.T) {
	b := breaking{env: []string{"WS_MAX_CONNECTIONS=600", "WS_HANDSHAKE_RATE=200"}}
	p := b.predicted(t)
	s := locate(start(t, b.environment(), filepath.Join(bin, "momentum"), "serve"))
	begun := time.Now()
	load := start(t, []string{"JWT_SECRET=" + testSecret}, filepath.Join(bin, "websocket_stress_test"),
		"--url", "ws://"+s.ws+"/ws", "--connections", "600", "--max-concurrent", "600", "--json", "-")
	if load.exit() != 0 {
		t.Fatal(load.text())
	}
	took := time.Since(begun).Seconds()
	t.Logf("%.1f s predicted, %.1f s with the start of the clients", p.StormSeconds, took)
	if p.StormSeconds != 3 || took < p.StormSeconds*0.8 || took > p.StormSeconds*2+5 {
		t.Errorf("a storm of 600 at 200 a second took %.1f s, and %.1f s were predicted", took, p.StormSeconds)
	}
}
