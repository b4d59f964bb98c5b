package main

import (
	"runtime"
	"testing"

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
		set <- err
	}()
	if err := <-set; err != nil {
		t.Error(err)
	}
}
