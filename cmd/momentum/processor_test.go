package main

import (
	"runtime"
	"testing"
)

func TestProcessorTimeRisesWithWork(t *testing.T) {
	before, sum := processorTime(), 0
	for i := range 50_000_000 {
		sum += i
	}
	if after := processorTime(); after <= before || sum == 0 {
		t.Errorf("%v before the work and %v after it", before, after)
	}
}

func TestTheTimeOfAThreadIsItsOwn(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	thread, before := threadTime()
	done := make(chan int)
	go func() {
		runtime.LockOSThread() // and never unlocked, so that the thread ends with the goroutine
		other, _ := threadTime()
		done <- other
	}()
	if other := <-done; other == thread {
		t.Errorf("two threads have the id %d", thread)
	}
	sum := 0
	for i := range 50_000_000 {
		sum += i
	}
	if again, after := threadTime(); again != thread || after <= before || sum == 0 {
		t.Errorf("%v before the work and %v after it, on the threads %d and %d", before, after, thread, again)
	}
}
