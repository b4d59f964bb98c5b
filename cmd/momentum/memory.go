package main

import (
	"io/fs"
	"math"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// heldShare is the part of the available memory for unread messages and unfinished messages of all clients: a
// quarter. A megabyte of these takes two and a half of memory, as measured: blocks grow by doubling, and garbage is
// collected late. The rest is for sessions and for the kernel's buffers of the same sockets, which a control group
// counts too. It is not a setting: a lower GOMEMLIMIT lowers it.
const heldShare = 4

// heldBytes returns how much memory may be held for clients, or 0 for no limit if the available memory is unknown.
func heldBytes(host fs.FS) int64 {
	memory := memoryThere(host)
	if memory == math.MaxInt64 {
		return 0
	}
	return max(1, memory/heldShare)
}

// historyShare is the part of the memory that the direct messages which are kept may take, as 1/historyShare; topics get as
// much. historyUnknown is used if the memory is unknown.
const (
	historyShare   = 16
	historyUnknown = 256 << 20
)

// historyRoom returns how much memory the direct messages which are kept may take.
func historyRoom(host fs.FS) int {
	memory := memoryThere(host)
	if memory == math.MaxInt64 {
		return historyUnknown
	}
	return int(memory / historyShare)
}

// subscriptionsPerGiB is how many subscriptions to topics there may be for each GiB of memory: some 32 MB of it, and the
// messages that wait for them.
const subscriptionsPerGiB = 1_000_000

// subscriptionRoom returns how many subscriptions there may be, or 0 for no limit if the available memory is unknown.
func subscriptionRoom(host fs.FS) int {
	memory := memoryThere(host)
	if memory == math.MaxInt64 {
		return 0
	}
	return int(max(1, memory/(1<<30)*subscriptionsPerGiB+memory%(1<<30)*subscriptionsPerGiB/(1<<30)))
}

// memoryThere returns the memory available to this process: the least of GOMEMLIMIT, its control groups and the host.
func memoryThere(host fs.FS) int64 {
	memory := min(debug.SetMemoryLimit(-1), totalMemory(host))
	for _, g := range memoryGroups(host) {
		memory = min(memory, g.limit)
	}
	return memory
}

// totalMemory returns the memory of the host.
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

// memoryGroup is a control group that limits this process's memory.
type memoryGroup struct {
	host  fs.FS
	dir   string
	files *groupFiles
	limit int64
}

// groupFiles are the names of the files in one version of control groups.
type groupFiles struct{ root, limit, used, reclaimable string }

var (
	groupsV1 = groupFiles{"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "}
	groupsV2 = groupFiles{"sys/fs/cgroup", "memory.max", "memory.current", "inactive_file "}
)

// memoryGroups lists the groups with a limit that contain the process, which are nested. In a container, the outermost
// visible one is the container's own, and stands where the root would.
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
			if limit, ok := g.number(files.limit); ok && limit > 0 { // "max" means no limit
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

// number reads a file of the group that contains one number.
func (g *memoryGroup) number(file string) (n int64, ok bool) {
	text, err := fs.ReadFile(g.host, path.Join(g.dir, file))
	if err != nil {
		return 0, false
	}
	n, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}

// used returns how much of the limit is in use, without the memory that the kernel can reclaim: the cache of files
// that were read.
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
