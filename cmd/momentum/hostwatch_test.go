package main

import (
	"context"
	"math"
	"testing"
	"testing/fstest"
)

func TestTheHostWatchKnowsTheLimitsOfMemory(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	files := fstest.MapFS{
		"proc/self/cgroup":                 file("0::/a/b\n"),
		"sys/fs/cgroup/a/memory.max":       file("1000\n"),
		"sys/fs/cgroup/a/memory.current":   file("900\n"),
		"sys/fs/cgroup/a/memory.stat":      file("inactive_file 100\n"),
		"sys/fs/cgroup/a/b/memory.max":     file("2000\n"),
		"sys/fs/cgroup/a/b/memory.current": file("100\n"),
		"sys/fs/cgroup/a/b/memory.stat":    file("inactive_file 0\n"),
	}
	p := newPressure(files)
	p.limit, p.live = func() int64 { return 5000 }, func() int64 { return 70 }
	f := newHostWatch(files, 8000, 1024, p).Figures()
	if f.GroupMemory.Now != 800 || f.GroupMemory.Limit != 1000 || f.HeapMemory.Now != 70 || f.HeapMemory.Limit != 5000 || f.Descriptors.Limit != 1024 {
		t.Errorf("%+v", f)
	}
	unlimited := p.groups[0]
	unlimited.Limit = math.MaxInt64 - 4095
	p.groups = append(p.groups, unlimited)
	if _, limit := p.group(); limit != 1000 {
		t.Errorf("a group without a limit hides the one with the limit 1000: %d", limit)
	}
	p.groups = p.groups[len(p.groups)-1:]
	if used, limit := p.group(); used != 0 || limit != 0 {
		t.Errorf("without a limit, %d of %d", used, limit)
	}
	p.limit = func() int64 { return math.MaxInt64 }
	if _, limit := p.heap(); limit != 0 {
		t.Errorf("without GOMEMLIMIT the limit is %d", limit)
	}
}

func TestTheHostWatchEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	watchHost(ctx, nil) // it would hang, or look
}
