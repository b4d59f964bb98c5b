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
		if err := takeLongSlices(); err != nil {
			set <- err
			return
		}
		attr, err := unix.SchedGetAttr(0, 0)
		if err == nil && attr.Policy != unix.SCHED_BATCH {
			t.Errorf("policy %d, want SCHED_BATCH", attr.Policy)
		}
		set <- err
	}()
	if err := <-set; err != nil {
		t.Error(err)
	}
}
