package main

import (
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAThreadIsPinnedToOneCore(t *testing.T) {
	var first, after unix.CPUSet
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked, so that the thread ends with the goroutine
		if err := unix.SchedGetaffinity(0, &first); err != nil {
			failed <- err
			return
		}
		core := 0
		for !first.IsSet(core) {
			core++
		}
		err := pin(0, core)
		if err == nil {
			err = unix.SchedGetaffinity(0, &after)
		}
		if err == nil && !after.IsSet(core) {
			t.Errorf("core %d is not among the thread's", core)
		}
		failed <- err
	}()
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	if n := after.Count(); n != 1 {
		t.Errorf("the thread may use %d cores", n)
	}
}

func TestACoreThatDoesNotExistIsAnError(t *testing.T) {
	if err := pin(0, 1000); err == nil || !strings.Contains(err.Error(), "cannot use core 1000") {
		t.Error(err)
	}
}
