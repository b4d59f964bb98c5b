// Package proc reads what the kernel tells of a process: the CPU time it has used and the memory it holds. It is for
// programs that measure another one from outside.
package proc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// processClock makes the number of a process's CPU clock (CPUCLOCK_SCHED in Linux's posix-timers.h).
const processClock = 2

// mostPID is the largest number that Linux gives a process (PID_MAX_LIMIT).
const mostPID = 1 << 22

// CPU is what all threads of a process together have used so far, in user space and in the kernel. It comes from the
// process's CPU clock (clock_getcpuclockid(3)), which counts nanoseconds; the times in /proc count hundredths of a second.
func CPU(pid int) (time.Duration, error) {
	if pid < 1 || pid > mostPID { // another number would name another process's clock, or this one's
		return 0, fmt.Errorf("%d is no process's number", pid)
	}
	var now unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|processClock), &now); err != nil {
		return 0, fmt.Errorf("no CPU time of process %d: %w", pid, err)
	}
	return time.Duration(now.Nano()), nil
}

// Resident is how many bytes of a process are in memory.
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
