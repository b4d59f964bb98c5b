package main

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// entered is set in the environment of the program that restart has started.
const entered = "MOMENTUM_MILLION_ENTERED"

// restart starts the program again with long time slices, and in a network namespace if it needs one: both are of a thread, and
// its processes inherit them. It returns only if it fails, or if the program was started so.
func restart(connections int) error {
	if os.Getenv(entered) != "" {
		return nil
	}
	runtime.LockOSThread() // never unlocked: there is no way back
	if err := takeLongSlices(); err != nil {
		fmt.Fprintf(os.Stderr, "the run will be slower: %v\n", err)
	}
	if err := enterNamespace(connections); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return unix.Exec(self, os.Args, append(os.Environ(), entered+"=1"))
}
