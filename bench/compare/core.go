package main

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// takeCore pins every thread of this process to a core. Threads made later inherit it.
func takeCore(core int) error {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, task := range tasks {
		id, err := strconv.Atoi(task.Name())
		if err != nil {
			return err
		}
		if err := pin(id, core); err != nil {
			return err
		}
	}
	return nil
}

// pin pins one thread to a core. Thread 0 is the caller's.
func pin(thread, core int) error {
	var set unix.CPUSet
	set.Set(core)
	if err := unix.SchedSetaffinity(thread, &set); err != nil {
		return fmt.Errorf("cannot use core %d (two are needed, one for the server and one for the generator): %w", core, err)
	}
	return nil
}
