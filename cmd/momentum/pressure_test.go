package main

import (
	"math"
	"testing"
	"testing/fstest"
)

func TestMemoryPressure(t *testing.T) {
	const group = "sys/fs/cgroup/system.slice/momentum.service/"
	files := func(most, current, stat string) fstest.MapFS {
		return fstest.MapFS{
			"proc/self/cgroup":       {Data: []byte("0::/system.slice/momentum.service\n")},
			group + "memory.max":     {Data: []byte(most + "\n")},
			group + "memory.current": {Data: []byte(current + "\n")},
			group + "memory.stat":    {Data: []byte("anon 5\n" + stat)},
		}
	}
	around := files("max", "930", "")
	around["sys/fs/cgroup/system.slice/memory.max"] = &fstest.MapFile{Data: []byte("1000\n")}
	around["sys/fs/cgroup/system.slice/memory.current"] = &fstest.MapFile{Data: []byte("930\n")}
	first := func(used, stat string) fstest.MapFS {
		const group = "sys/fs/cgroup/memory/x/"
		return fstest.MapFS{
			"proc/self/cgroup":              {Data: []byte("4:memory:/x\n")},
			group + "memory.limit_in_bytes": {Data: []byte("1000\n")},
			group + "memory.usage_in_bytes": {Data: []byte(used + "\n")},
			group + "memory.stat":           {Data: []byte(stat)},
		}
	}
	for name, c := range map[string]struct {
		root        fstest.MapFS
		limit, live int64
		full        bool
	}{
		"no cgroup, no limit":      {fstest.MapFS{}, math.MaxInt64, 1 << 40, false},
		"cgroup without a limit":   {files("max", "999999", ""), math.MaxInt64, 0, false},
		"room":                     {files("1000", "900", ""), math.MaxInt64, 0, false},
		"full":                     {files("1000", "930", ""), math.MaxInt64, 0, true},
		"full of files":            {files("1000", "930", "inactive_file 500\n"), math.MaxInt64, 0, false},
		"an unreadable cgroup":     {files("1000", "much", ""), math.MaxInt64, 0, false},
		"a heap that nears":        {fstest.MapFS{}, 1000, 850, true},
		"a heap that has room":     {fstest.MapFS{}, 1000, 849, false},
		"the group around it":      {around, math.MaxInt64, 0, true},
		"cgroup v1, room":          {first("900", ""), math.MaxInt64, 0, false},
		"cgroup v1, full":          {first("930", "inactive_file 500\n"), math.MaxInt64, 0, true}, // of children not
		"cgroup v1, full of files": {first("930", "total_inactive_file 500\n"), math.MaxInt64, 0, false},
	} {
		m := newPressure(c.root)
		m.limit, m.live = func() int64 { return c.limit }, func() int64 { return c.live }
		if err := m.err(); (err != nil) != c.full {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := newPressure(fstest.MapFS{}).err(); err != nil {
		t.Errorf("this process: %v", err)
	}
}
