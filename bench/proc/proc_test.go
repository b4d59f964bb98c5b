package proc

import (
	"os"
	"os/exec"
	"testing"
)

// A process that has ended keeps its CPU time until it is waited for. The one here has used much less than the
// hundredth of a second in which /proc counts.
func TestCPUOfAProcessThatRanForAMillisecond(t *testing.T) {
	other := exec.Command("cat")
	input, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	pid := other.Process.Pid
	for _, f := range []func([]byte) (int, error){input.Write, output.Read} { // after these it has used CPU time
		if _, err := f([]byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if used, err := CPU(pid); err != nil || used <= 0 {
		t.Errorf("cat has used %v, %v", used, err)
	}
	if size, err := Resident(pid); err != nil || size <= 0 {
		t.Errorf("cat holds %d bytes, %v", size, err)
	}
	input.Close()
	if err := other.Wait(); err != nil {
		t.Fatal(err)
	}
	if used, err := CPU(pid); err == nil {
		t.Errorf("a process that has ended has used %v", used)
	}
	if _, err := Resident(pid); err == nil {
		t.Error("a process that has ended holds memory")
	}
}

func TestCPUOfThisProcessGrows(t *testing.T) {
	before, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if now, err := CPU(os.Getpid()); err != nil || now < before {
			t.Fatalf("%v after %v, %v", now, before, err)
		} else if now > before {
			return
		}
	}
	t.Error("a thousand readings took no time")
}

func TestInvalidNumbersOfProcessesAreErrors(t *testing.T) {
	for _, pid := range []int{-1, 0, maxPID + 1, 1 << 30} {
		if used, err := CPU(pid); err == nil {
			t.Errorf("%d has used %v", pid, used)
		}
	}
}
