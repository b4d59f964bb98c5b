package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// processorTime returns the processor time that the process has used, in user space and in the kernel.
func processorTime() time.Duration {
	var all unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &all) // it cannot fail with these arguments
	return time.Duration(all.Utime.Nano() + all.Stime.Nano())
}

// threadTime returns the thread that it is called on, and the processor time that this thread has used.
func threadTime() (id int, used time.Duration) {
	var clock unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &clock) // it cannot fail with these arguments
	return unix.Gettid(), time.Duration(clock.Nano())
}
