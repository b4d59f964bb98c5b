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
	memory := memoryThere(host)
	if memory == math.MaxInt64 {
		return 0
	}
	return max(1, memory/heldShare)
}

// memoryThere is how much this process may take: the least that GOMEMLIMIT, its control groups and the host say.
func memoryThere(host fs.FS) int64 {
	memory := min(debug.SetMemoryLimit(-1), totalMemory(host))
	for _, g := range memoryGroups(host) {
		memory = min(memory, g.limit)
	}
	return memory
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

// memoryGroup is a control group that bounds this process's memory.
type memoryGroup struct {
	host  fs.FS
	dir   string
	files *groupFiles
	limit int64
}

// groupFiles are the names that a version of control groups has for the same things.
type groupFiles struct{ root, limit, used, reclaimable string }

var (
	groupsV1 = groupFiles{"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "}
	groupsV2 = groupFiles{"sys/fs/cgroup", "memory.max", "memory.current", "inactive_file "}
)

// memoryGroups lists those with a limit that the process is in, each of which is within another. In a container the
// outermost that can be seen is its own, and stands where the root would.
func memoryGroups(host fs.FS) (all []memoryGroup) {
	text, _ := fs.ReadFile(host, "proc/self/cgroup")
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) < 3 || fields[1] != "" && fields[1] != "memory" {
			continue
		}
		files := &groupsV2
		if fields[1] != "" {
			files = &groupsV1
		}
		for name := path.Clean("/" + fields[2]); ; name = path.Dir(name) {
			g := memoryGroup{host: host, dir: path.Join(files.root, name), files: files}
			if limit, ok := g.number(files.limit); ok && limit > 0 { // "max" is none
				g.limit = limit
				all = append(all, g)
			}
			if name == "/" {
				break
			}
		}
	}
	return all
}

// number reads a file of the group that holds one.
func (g *memoryGroup) number(file string) (n int64, ok bool) {
	text, err := fs.ReadFile(g.host, path.Join(g.dir, file))
	if err != nil {
		return 0, false
	}
	n, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}

// used is how much of the limit is in use, without what the kernel gives up when asked: files that were read.
func (g *memoryGroup) used() (n int64, ok bool) {
	if n, ok = g.number(g.files.used); !ok {
		return 0, false
	}
	stat, _ := fs.ReadFile(g.host, path.Join(g.dir, "memory.stat"))
	for line := range strings.Lines(string(stat)) {
		if text, found := strings.CutPrefix(line, g.files.reclaimable); found {
			files, _ := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
			n -= files
		}
	}
	return n, true
}
