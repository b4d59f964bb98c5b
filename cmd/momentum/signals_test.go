package main

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo-terminal: the end of its user, and the end of the program.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("this host has no pseudo-terminals:", err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

func TestAClosedTerminalIsDetected(t *testing.T) {
	person, program := terminal(t)
	s := newSignals(program)
	defer s.stop()
	if s.hungUp() {
		t.Error("the terminal is there, and said to be gone")
	}
	person.Close()
	if !s.hungUp() {
		t.Error("the terminal is gone, and said to be there")
	}
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	other := newSignals(file)
	defer other.stop()
	if other.hungUp() {
		t.Error("a file is no terminal that could be closed")
	}
}
