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

// startsServer makes a copy of the test program start a server and wait to be killed.
const startsServer = "COMPARE_TEST_STARTS_A_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(startsServer) != "" {
		runtime.LockOSThread() // as main does
		s := server{command: []string{"sleep", "600"}}
		cmd := s.prepare(context.Background())
		if err := cmd.Start(); err != nil {
			fmt.Println(err)
		}
		fmt.Println(cmd.Process.Pid)
		_, _ = os.Stdin.Read(make([]byte, 1)) // until the test ends, at the latest
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestServersEndWithTheComparison, also if it is killed: a server that went on would disturb the next measurement.
func TestServersEndWithTheComparison(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	comparison := exec.Command(program)
	comparison.Env = append(os.Environ(), startsServer+"=1")
	output, err := comparison.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := comparison.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := comparison.Start(); err != nil {
		t.Fatal(err)
	}
	pid, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := comparison.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = comparison.Wait() // it was killed
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-again.C {
		if state := line("/proc/"+strings.TrimSpace(pid)+"/status", "State:"); state == "" || strings.Contains(state, "Z") {
			return
		}
	}
	t.Errorf("process %s is still running", pid)
}
