package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// serverOnly makes a copy of the test program start a server and wait until it is killed.
const serverOnly = "COMPARE_TEST_STARTS_A_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(serverOnly) != "" {
		runtime.LockOSThread() // as main does
		s := server{command: []string{"sleep", "600"}}
		cmd := s.prepare(context.Background())
		if err := cmd.Start(); err != nil {
			fmt.Println(err)
		}
		fmt.Println(cmd.Process.Pid)
		_, _ = os.Stdin.Read(make([]byte, 1)) // returns when the test ends, at the latest
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// If the comparison is killed, its server must end too: it would use the core of the next measurement.
func TestServersEndWithTheComparison(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	comparison := exec.Command(program)
	comparison.Env = append(os.Environ(), serverOnly+"=1")
	said, err := comparison.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := comparison.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := comparison.Start(); err != nil {
		t.Fatal(err)
	}
	pid, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := comparison.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = comparison.Wait() // it has been killed
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-again.C {
		if state := line("/proc/"+strings.TrimSpace(pid)+"/status", "State:"); state == "" || strings.Contains(state, "Z") {
			return
		}
	}
	t.Errorf("process %s is still there", pid)
}
