package server

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// crowdVariable has a copy of the test program act as the clients of the node at that address.
const crowdVariable = "MOMENTUM_TEST_CROWD"

func TestMain(m *testing.M) {
	if addr := os.Getenv(crowdVariable); addr != "" {
		beCrowd(addr)
		return
	}
	os.Exit(m.Run())
}

// crowd is another process that holds connections, because one process may not have enough descriptors for
// both ends.
type crowd struct {
	stdin  io.WriteCloser
	stdout *bufio.Reader
}

func startCrowd(t *testing.T, addr string) *crowd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crowdVariable+"="+addr)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait()
	})
	return &crowd{stdin, bufio.NewReader(stdout)}
}

// grow has the crowd open connections until it has that many.
func (c *crowd) grow(t *testing.T, to int) {
	t.Helper()
	fmt.Fprintln(c.stdin, to)
	if line, err := c.stdout.ReadString('\n'); err != nil || strings.TrimSpace(line) != fmt.Sprint(to) {
		t.Fatalf("the crowd did not grow to %d: %q, %v", to, line, err)
	}
}

// beCrowd reads numbers from stdin and answers each when it holds that many connections.
func beCrowd(addr string) {
	t := &testing.T{}
	var held []*wire
	for {
		var want int
		if _, err := fmt.Scanln(&want); err != nil {
			return
		}
		for len(held) < want {
			w, err := join(addr, realToken(t, fmt.Sprintf("idle%d", len(held))))
			if err != nil {
				fmt.Fprintln(os.Stdout, "refused:", err)
				return
			}
			_ = w.SetDeadline(time.Time{})
			w.in = nil
			held = append(held, w)
		}
		fmt.Fprintln(os.Stdout, want)
	}
}

// TestIdleConnectionsCostNoGoroutine holds 10,000 authenticated connections, or 2,000 with -short, and counts goroutines, and
// the memory that is left of each handshake.
func TestIdleConnectionsCostNoGoroutine(t *testing.T) {
	n := startReal(t, realOptions())
	c := startCrowd(t, n.addr)
	c.grow(t, 100)
	few, heapFew := runtime.NumGoroutine(), heapInUse()
	all := 10_000
	if testing.Short() {
		all = 2000
	}
	c.grow(t, all)
	eventually(t, "live sessions of all", func() bool { return n.sessionsNow() == all })
	many, heapMany := runtime.NumGoroutine(), heapInUse()
	if many > few {
		t.Errorf("%d goroutines with 100 connections, %d with %d", few, many, all)
	}
	t.Logf("%d goroutines; %.0f bytes of heap a connection, gnet's and the hub's among them", many, float64(heapMany-heapFew)/float64(all-100))
	if err := n.Audit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
