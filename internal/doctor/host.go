package doctor

import (
	"fmt"
	"io/fs"
	"math"
	"path"
	"runtime"
	"strconv"
	"strings"
)

// Hosts examines descriptors and processors.
func Hosts(files fs.FS, n *Node) []Finding {
	return append(descriptors(files, n), processors(files, n)...)
}

// descriptorLimits returns the limits on the descriptors of a process.
func descriptorLimits(files fs.FS, process string) (soft, hard int, known bool) {
	text, _ := fs.ReadFile(files, path.Join("proc", process, "limits"))
	for line := range strings.Lines(string(text)) {
		rest, found := strings.CutPrefix(line, "Max open files")
		if fields := strings.Fields(rest); found && len(fields) >= 2 {
			return limitOf(fields[0]), limitOf(fields[1]), true
		}
	}
	return 0, 0, false
}

// limitOf reads a limit; Linux lets no process have more descriptors than 2^30.
func limitOf(text string) int {
	if n, err := strconv.Atoi(text); err == nil {
		return min(n, 1<<30)
	}
	return 1 << 30
}

// descriptors compares the limit on descriptors with the wanted connections, and with the limits of the kernel.
func descriptors(files fs.FS, n *Node) (all []Finding) {
	const subject = "descriptors"
	soft, hard, known := descriptorLimits(files, n.Process)
	if !known {
		return []Finding{warning(subject, nil, "the limits of the process cannot be read: mount /proc, or leave out --pid")}
	}
	room, wanted := n.Room(hard), hard-n.Room(hard)+max(n.Goal, 1)
	switch {
	case room < n.Goal || room < 1:
		all = append(all, problem(subject, inUnit(fmt.Sprintf("LimitNOFILE=%d", powerAbove(wanted))),
			"the hard limit of %d leaves room for %d connections, and %d are wanted", hard, max(0, room), n.Goal))
	case n.Goal == 0 && hard < 1<<16:
		all = append(all, warning(subject, inUnit("LimitNOFILE=1048576"), "the hard limit of %d leaves room for %d connections", hard, room))
	default:
		all = append(all, ok(subject, "the hard limit of %d leaves room for %d connections; the server raises the soft limit of %d to it", hard, room, soft))
	}
	if most, known := number(files, "proc/sys/fs/nr_open"); known && int64(wanted) > most {
		all = append(all, problem(subject, inSysctl(fmt.Sprintf("fs.nr_open = %d", powerAbove(wanted))),
			"fs.nr_open lets no process have more than %d descriptors, and %d are wanted", most, wanted))
	}
	return append(all, openFiles(files, wanted)...)
}

// openFiles compares the files that are open on the host with their limit.
func openFiles(files fs.FS, wanted int) []Finding {
	most, known := number(files, "proc/sys/fs/file-max")
	open, _ := number(files, "proc/sys/fs/file-nr")
	if !known {
		return nil
	}
	if left := most - open; left < int64(wanted) {
		return []Finding{problem("descriptors", inSysctl(fmt.Sprintf("fs.file-max = %d", powerAbove(int(min(open, math.MaxInt32))+2*wanted))),
			"fs.file-max lets all processes have %d files, of which %d are left, and %d are wanted", most, left, wanted)}
	}
	return nil
}

// powerAbove returns the lowest power of two that is not below n.
func powerAbove(n int) int {
	p := 1
	for p < n {
		p *= 2
	}
	return p
}

// processors compares the processor time that the control group leaves with the reactors.
func processors(files fs.FS, n *Node) []Finding {
	const subject = "processors"
	quota, known := cpuQuota(files, n.Process)
	switch {
	case known && quota < 1:
		return []Finding{warning(subject, inUnit("CPUQuota="), "the control group has %.2f of a core: the process is paused again and again, and all clients wait", quota)}
	case known && quota < float64(n.Reactors):
		return []Finding{warning(subject, inSettings(fmt.Sprintf("REACTORS=%d", max(1, int(quota)))),
			"%d reactors share the %.1f cores of the control group: the kernel pauses all of them when these are used up", n.Reactors, quota)}
	case n.Reactors > runtime.NumCPU():
		return []Finding{warning(subject, inSettings("REACTORS=0"), "%d reactors share %d cores", n.Reactors, runtime.NumCPU())}
	}
	return []Finding{ok(subject, "%d reactors on %d cores", n.Reactors, n.Cores)}
}

// cpuQuota returns how many cores the control groups of a process leave it.
func cpuQuota(files fs.FS, process string) (cores float64, known bool) {
	text, _ := fs.ReadFile(files, path.Join("proc", process, "cgroup"))
	cores = math.Inf(1)
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) < 3 {
			continue
		}
		for name := path.Clean("/" + fields[2]); ; name = path.Dir(name) {
			if n, ok := quotaOf(files, fields[1], name); ok {
				cores, known = min(cores, n), true
			}
			if name == "/" {
				break
			}
		}
	}
	return cores, known
}

// quotaOf returns the quota of one group, in version 2 (no controllers are named) or 1.
func quotaOf(files fs.FS, controllers, name string) (cores float64, known bool) {
	if controllers == "" {
		all := numbers(files, path.Join("sys/fs/cgroup", name, "cpu.max"))
		if len(all) == 2 && all[1] > 0 {
			return float64(all[0]) / float64(all[1]), true
		}
		return 0, false
	}
	if !strings.HasPrefix(controllers, "cpu") || controllers == "cpuset" {
		return 0, false
	}
	quota, _ := number(files, path.Join("sys/fs/cgroup/cpu", name, "cpu.cfs_quota_us"))
	period, _ := number(files, path.Join("sys/fs/cgroup/cpu", name, "cpu.cfs_period_us"))
	if quota <= 0 || period <= 0 {
		return 0, false
	}
	return float64(quota) / float64(period), true
}
