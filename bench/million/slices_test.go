package main

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestSlicesAreLong(t *testing.T) {
	set := make(chan error)
	go func() {
		runtime.LockOSThread() // the thread ends with its slices
		err := unix.Setpriority(unix.PRIO_PROCESS, 0, 5)
		if err == nil {
			err = takeLongSlices()
		}
		if err != nil {
			set <- err
			return
		}
		attr, err := unix.SchedGetAttr(0, 0)
		if err == nil && (attr.Policy != unix.SCHED_BATCH || attr.Nice != 5 || attr.Runtime != 0 && attr.Runtime != uint64(timeSlice)) {
			t.Errorf("%+v", attr)
		}
		slack, _, errno := unix.Syscall(unix.SYS_PRCTL, unix.PR_GET_TIMERSLACK, 0, 0)
		if errno != 0 || time.Duration(slack) != timerSlack {
			t.Errorf("timer slack %v (%v), want %v", time.Duration(slack), errno, timerSlack)
		}
		set <- err
	}()
	if err := <-set; err != nil {
		t.Error(err)
	}
}
