package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Files of the kernel about its table of connections, in which each packet looks for its socket: its slots, and the slots of the next
// network namespace.
const (
	slotsFile     = "/proc/sys/net/ipv4/tcp_ehash_entries"
	nextSlotsFile = "/proc/sys/net/ipv4/tcp_child_ehash_entries"
)

// maxSlots is the largest table that a namespace can have.
const maxSlots = 1 << 24

// slotsFor returns how many slots the connections need: one for each end. The kernel makes 262,144 on a host with 24 GiB. With eight ends
// in each slot, the search took 15 % of the processor time of a million users.
func slotsFor(connections int) int {
	slots := 1
	for slots < 2*connections && slots < maxSlots {
		slots *= 2
	}
	return slots
}

// slots returns the slots of the table in use. The kernel puts a minus before their number if the table is shared with the host. 0: it does not say.
func slots() int {
	text, err := os.ReadFile(slotsFile)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return max(n, -n)
}

// namespaces reports whether a network namespace can be made and set up. After the first step there is no way back.
func namespaces() error {
	if os.Geteuid() != 0 {
		return errors.New("a network namespace needs root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		return fmt.Errorf("a network namespace needs the program ip: %w", err)
	}
	return unix.Access(nextSlotsFile, unix.W_OK)
}

// enterNamespace moves the calling thread to a network namespace with a table that is large enough, if that in use is not. Where it cannot, it
// says so and does nothing. A namespace sets the table of the next one, so it makes two.
func enterNamespace(connections int) error {
	needed := slotsFor(connections)
	if has := slots(); has == 0 || has >= needed/2 {
		return nil
	}
	if err := namespaces(); err != nil {
		fmt.Fprintf(os.Stderr, "the kernel's table of connections has %d slots for %d ends, so the run will be slower: %v\n", slots(), 2*connections, err)
		return nil
	}
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("cannot make a network namespace: %w", err)
	}
	if err := os.WriteFile(nextSlotsFile, []byte(strconv.Itoa(needed)), 0); err != nil {
		return err
	}
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("cannot make a network namespace: %w", err)
	}
	if said, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		return fmt.Errorf("ip link set lo up: %w: %s", err, said)
	}
	return nil
}
