package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"momentum/bench/load"
)

const testSecret = "the secret of the stress tool's tests, long enough"

// patience bounds every wait for the server. A test that waits so long has failed.
const patience = 30 * time.Second

var momentum string // path of the server's program

func TestMain(m *testing.M) {
	directory, err := os.MkdirTemp("", "stress-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	momentum = filepath.Join(directory, "momentum")
	code := m.Run()
	os.RemoveAll(directory)
	os.Exit(code)
}

// build builds the server for the first test that needs it.
var build = sync.OnceValue(func() error {
	if out, err := exec.Command("go", "build", "-o", momentum, "momentum/cmd/momentum").CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build the server: %w\n%s", err, out)
	}
	return nil
})

// node is a running server.
type node struct {
	url string
	pid int
}

// serve starts the server as its own process: the tool shares none of its code. With -short it skips the test.
func serve(t *testing.T, args ...string) *node {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves out the tests that run the built server")
	}
	if err := build(); err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	cmd := exec.Command(momentum, append([]string{"serve", "--addr", addr, "--admin-addr", "127.0.0.1:0"}, args...)...)
	cmd.Env = []string{"JWT_SECRET=" + testSecret}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a killed test leaves no server
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	awaitListener(t, addr, bufio.NewScanner(said))
	return &node{"ws://" + addr + "/ws", cmd.Process.Pid}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// awaitListener reads the server's log until the server accepts connections.
func awaitListener(t *testing.T, addr string, log *bufio.Scanner) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for log.Scan() && time.Now().Before(deadline) {
		if conn, err := net.DialTimeout("tcp", addr, patience); err == nil {
			conn.Close()
			go func() {
				for log.Scan() { // so that the server never blocks on its log
				}
			}()
			return
		}
	}
	t.Fatal("the server did not start")
}

// outcome is the result of one call of the tool.
type outcome struct {
	code     int
	out, err string
	record   *load.Record
}

// stress calls the tool and reads the file that it saves.
func (n *node) stress(t *testing.T, args ...string) outcome {
	t.Helper()
	return n.stressUntil(t, t.Context(), args...)
}

func (n *node) stressUntil(t *testing.T, ctx context.Context, args ...string) outcome {
	t.Helper()
	file := filepath.Join(t.TempDir(), "saved.json")
	args = append([]string{"--url", n.url, "--jwt-secret", testSecret, "--server-pid", strconv.Itoa(n.pid), "--json", file}, args...)
	var out, err bytes.Buffer
	o := outcome{code: run(ctx, args, &out, &err)}
	o.out, o.err = out.String(), err.String()
	if text, readErr := os.ReadFile(file); readErr == nil {
		o.record = decode(t, text)
	}
	return o
}

// wantMetrics fails the test unless the metrics of the first test have the values.
func (o outcome) wantMetrics(t *testing.T, values map[string]float64) {
	t.Helper()
	if o.record == nil {
		t.Fatalf("nothing was saved; exit code %d, %s%s", o.code, o.out, o.err)
	}
	for name, value := range values {
		if m, ok := o.record.Groups[0].Runs[0].Metric(name); !ok || m.Value != value {
			t.Errorf("%s is %v, want %v\n%s", name, m.Value, value, o.out)
		}
	}
}

// wantSuccess fails the test unless the exit code is 0.
func (o outcome) wantSuccess(t *testing.T) {
	t.Helper()
	if o.code != exitOK {
		t.Errorf("exit code %d\n%s%s", o.code, o.out, o.err)
	}
}

func TestAStormOf500(t *testing.T) {
	o := serve(t).stress(t, "--test-type", "storm", "--connections", "500")
	o.wantSuccess(t)
	o.wantMetrics(t, map[string]float64{"entered": 500, "not_entered": 0, "refused": 0, "failed": 0, "dropped": 0})
	for _, name := range []string{"handshakes_per_second", "handshake_p50", "handshake_p99", "everyone_in", "server_cpu", "server_cpu_per_handshake"} {
		if m, ok := o.record.Groups[0].Runs[0].Metric(name); !ok || m.Value <= 0 {
			t.Errorf("%s is %v", name, m.Value)
		}
	}
}

func TestThroughputLosesNothing(t *testing.T) {
	o := serve(t).stress(t, "--test-type", "throughput", "--connections", "100", "--messages", "20", "--message-interval", "20")
	o.wantSuccess(t)
	o.wantMetrics(t, map[string]float64{"entered": 100, "sent": 2000, "delivered": 2000, "lost": 0, "duplicated": 0, "disordered": 0, "dropped": 0})
}

func TestThroughputToEverybody(t *testing.T) {
	o := serve(t).stress(t, "--test-type", "throughput", "--connections", "20", "--messages", "5", "--message-interval", "20", "--fanout", "all")
	o.wantSuccess(t)
	o.wantMetrics(t, map[string]float64{"sent": 100, "delivered": 1900, "lost": 0, "duplicated": 0, "disordered": 0})
}

func TestSustainedHoldsItsConnections(t *testing.T) {
	o := serve(t).stress(t, "--test-type", "sustained", "--connections", "200", "--duration", "2", "--message-interval", "200")
	o.wantSuccess(t)
	o.wantMetrics(t, map[string]float64{"entered": 200, "sent": 2000, "delivered": 2000, "lost": 0, "dropped": 0})
	seen := 0
	for _, s := range o.record.Groups[0].Runs[0].Stats {
		seen = max(seen, s.Connections)
	}
	if seen != 200 {
		t.Errorf("/ws/stats was seen to say %d connections", seen)
	}
	for _, name := range []string{"server_memory_per_connection", "server_cpu_per_handshake", "server_cpu_per_delivery"} {
		if m, ok := o.record.Groups[0].Runs[0].Metric(name); !ok || m.Value <= 0 {
			t.Errorf("%s is %v", name, m.Value)
		}
	}
}

// 30 of 40 connections are taken until their clients leave; refused clients retry after Retry-After.
func TestRefusedClientsAreAdmittedWhenThereIsRoom(t *testing.T) {
	n := serve(t, "--max-connections", "40")
	holding, leave := context.WithCancel(t.Context())
	defer leave()
	held := make(chan outcome, 1)
	taken := make(chan struct{})
	go func() {
		close(taken)
		held <- n.stressUntil(t, holding, "--test-type", "sustained", "--connections", "30", "--duration", "60")
	}()
	<-taken
	awaitConnections(t, n, 30)
	time.AfterFunc(500*time.Millisecond, leave)
	o := n.stress(t, "--connections", "40", "--duration", "50")
	o.wantSuccess(t)
	o.wantMetrics(t, map[string]float64{"entered": 40})
	r := o.record.Groups[0].Runs[0]
	if m, _ := r.Metric("refused"); m.Value < 20 || float64(r.Refused["503 full"]) != m.Value {
		t.Errorf("refused %v: %v", m.Value, r.Refused)
	}
	if got := <-held; got.code != exitInterrupted || !strings.Contains(got.out, "interrupted") {
		t.Errorf("interrupted: exit code %d\n%s", got.code, got.out)
	}
}

// The runs before the end of the server are kept, and no other is tried.
func TestRunsBeforeAServerFailureAreKept(t *testing.T) {
	n := serve(t)
	ended := make(chan outcome, 1)
	go func() {
		ended <- n.stress(t, "--test-type", "all", "--connections", "20", "--duration", "60", "--messages", "1000", "--message-interval", "20", "--repeat", "2")
	}()
	awaitConnections(t, n, 20)
	if err := syscall.Kill(n.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	o := <-ended
	if o.record == nil || o.code == exitOK || len(o.record.Groups) == 0 || len(o.record.Groups) > 2 {
		t.Fatalf("exit code %d\n%s%s", o.code, o.out, o.err)
	}
	if !strings.Contains(o.record.Incomplete, "Failed to connect") || !strings.Contains(o.out, "INCOMPLETE") || !o.record.HasErrors() {
		t.Errorf("%q\n%s", o.record.Incomplete, o.out)
	}
}
