package main

import (
	"io/fs"
	"math"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// heldShare is the part of the memory there is that may be kept for clients which do not read, or do not finish what
// they send: a quarter. A megabyte of it has been seen to take two and a half (blocks that double, and what the
// collector has not collected yet), and the rest is for sessions and for the kernel's buffers of the same sockets,
// which a control group counts too. It is no setting: whoever wants less sets GOMEMLIMIT, which it follows.
const heldShare = 4

// heldBytes is how much may be kept, 0 for any amount if nobody says how much memory there is.
func heldBytes(host fs.FS) int64 {
	memory := min(debug.SetMemoryLimit(-1), totalMemory(host), groupMemory(host))
	if memory == math.MaxInt64 {
		return 0
	}
	return max(1, memory/heldShare)
}

// totalMemory is what the host has.
func totalMemory(host fs.FS) int64 {
	text, _ := fs.ReadFile(host, "proc/meminfo")
	_, rest, _ := strings.Cut(string(text), "MemTotal:")
	kilobytes, _, _ := strings.Cut(rest, "kB")
	n, err := strconv.ParseInt(strings.TrimSpace(kilobytes), 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt64>>10 {
		return math.MaxInt64
	}
	return n << 10
}

// groupMemory is the lowest limit of the control groups that the process is in, each of which is within another. In a
// container the outermost that can be seen is its own, and stands where the root would.
func groupMemory(host fs.FS) int64 {
	text, _ := fs.ReadFile(host, "proc/self/cgroup")
	least := int64(math.MaxInt64)
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) < 3 {
			continue
		}
		base, file := "sys/fs/cgroup", "memory.max" // version 2
		if fields[1] != "" {
			base, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes" // version 1
		}
		if fields[1] != "" && fields[1] != "memory" {
			continue
		}
		for group := path.Clean("/" + fields[2]); ; group = path.Dir(group) {
			least = min(least, groupLimit(host, path.Join(base, group, file)))
			if group == "/" {
				break
			}
		}
	}
	return least
}

// groupLimit reads one limit. "max", and a file that is not there, are none.
func groupLimit(host fs.FS, name string) int64 {
	text, _ := fs.ReadFile(host, name)
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || n <= 0 {
		return math.MaxInt64
	}
	return n
}
