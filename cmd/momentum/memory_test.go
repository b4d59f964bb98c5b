package main

import (
	"math"
	"runtime/debug"
	"testing"
	"testing/fstest"
)

func TestHeldBytesFollowTheLowestMemoryLimit(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	meminfo := file("MemTotal:        1048576 kB\nMemFree:           10000 kB\n")
	for _, tt := range []struct {
		name  string
		limit int64 // GOMEMLIMIT
		host  fstest.MapFS
		want  int64
	}{
		{"the host's memory", 0, fstest.MapFS{"proc/meminfo": meminfo}, 1 << 28},
		{"GOMEMLIMIT", 1 << 26, fstest.MapFS{"proc/meminfo": meminfo}, 1 << 24},
		{"a group of version 2", 0, fstest.MapFS{
			"proc/meminfo": meminfo, "proc/self/cgroup": file("0::/system.slice/momentum.service\n"),
			"sys/fs/cgroup/system.slice/momentum.service/memory.max": file("536870912\n"),
			"sys/fs/cgroup/system.slice/memory.max":                  file("max\n"),
		}, 1 << 27},
		{"the group around it", 0, fstest.MapFS{
			"proc/meminfo": meminfo, "proc/self/cgroup": file("0::/system.slice/momentum.service\n"),
			"sys/fs/cgroup/system.slice/momentum.service/memory.max": file("max\n"),
			"sys/fs/cgroup/system.slice/memory.max":                  file("268435456\n"),
		}, 1 << 26},
		{"a container", 0, fstest.MapFS{
			"proc/meminfo": meminfo, "proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("134217728\n"),
		}, 1 << 25},
		{"a group of version 1", 0, fstest.MapFS{
			"proc/meminfo": meminfo, "proc/self/cgroup": file("5:cpu,cpuacct:/a\n4:memory:/docker/1\n"),
			"sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes": file("67108864\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes":          file("9223372036854771712\n"),
		}, 1 << 24},
		{"no limit is known", 0, fstest.MapFS{"proc/meminfo": file("MemTotal: much\n"), "proc/self/cgroup": file("0:\n")}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.limit == 0 {
				tt.limit = math.MaxInt64
			}
			before := debug.SetMemoryLimit(tt.limit)
			defer debug.SetMemoryLimit(before)
			if got := heldBytes(tt.host); got != tt.want {
				t.Errorf("%d bytes may be held, want %d", got, tt.want)
			}
		})
	}
}
