// Package proc reads the CPU time and the memory of another process from the kernel.
package proc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// processClock is the lower part of the number of a process's CPU clock (CPUCLOCK_SCHED in Linux's posix-timers.h).
const processClock = 2

// maxPID is the largest number of a process on Linux (PID_MAX_LIMIT).
const maxPID = 1 << 22

// CPU returns the time that all threads of a process have used so far, in user space and in the kernel. It reads the
// process's CPU clock (clock_getcpuclockid(3)), which counts nanoseconds, while /proc counts hundredths of a second.
func CPU(pid int) (time.Duration, error) {
	if pid < 1 || pid > maxPID { // such a number would select the clock of another process, or of this one
		return 0, fmt.Errorf("%d is not the number of a process", pid)
	}
	var now unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|processClock), &now); err != nil {
		return 0, fmt.Errorf("cannot read the CPU time of process %d: %w", pid, err)
	}
	return time.Duration(now.Nano()), nil
}

// Resident returns how many bytes of a process are in memory.
func Resident(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0, fmt.Errorf("/proc/%d/statm has only %d fields", pid, len(fields))
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize()), err
}
