package host

import (
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
)

// TotalMemory returns the memory of the host, or the largest number if it is not known.
func TotalMemory(host fs.FS) int64 {
	text, _ := fs.ReadFile(host, "proc/meminfo")
	_, rest, _ := strings.Cut(string(text), "MemTotal:")
	kilobytes, _, _ := strings.Cut(rest, "kB")
	n, err := strconv.ParseInt(strings.TrimSpace(kilobytes), 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt64>>10 {
		return math.MaxInt64
	}
	return n << 10
}

// Group is a control group that limits a process's memory.
type Group struct {
	Dir   string // below the root of the host's file system
	Limit int64

	host  fs.FS
	files *groupFiles
}

// groupFiles are the names of the files in one version of control groups.
type groupFiles struct{ root, limit, used, reclaimable string }

var (
	groupsV1 = groupFiles{"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "}
	groupsV2 = groupFiles{"sys/fs/cgroup", "memory.max", "memory.current", "inactive_file "}
)

// Groups lists the groups with a limit that contain a process, which are nested; the process is a number, or self. In a container, the outermost
// visible one is the container's own, and stands where the root would.
func Groups(host fs.FS, process string) (all []Group) {
	text, _ := fs.ReadFile(host, path.Join("proc", process, "cgroup"))
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
			g := Group{host: host, Dir: path.Join(files.root, name), files: files}
			if limit, ok := g.number(files.limit); ok && limit > 0 { // "max" means no limit
				g.Limit = limit
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
func (g *Group) number(file string) (n int64, ok bool) {
	text, err := fs.ReadFile(g.host, path.Join(g.Dir, file))
	if err != nil {
		return 0, false
	}
	n, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}

// Used returns how much of the limit is in use, without the memory that the kernel can reclaim: the cache of files
// that were read.
func (g *Group) Used() (n int64, ok bool) {
	if n, ok = g.number(g.files.used); !ok {
		return 0, false
	}
	stat, _ := fs.ReadFile(g.host, path.Join(g.Dir, "memory.stat"))
	for line := range strings.Lines(string(stat)) {
		if text, found := strings.CutPrefix(line, g.files.reclaimable); found {
			files, _ := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
			n -= files
		}
	}
	return n, true
}
