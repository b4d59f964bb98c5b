package host

import (
	"testing"
	"testing/fstest"
)

func TestGroupsOfAProcessAreReadFromTheInnermost(t *testing.T) {
	files := fstest.MapFS{
		"proc/7/cgroup": file("0::/a.slice/b.service\n"),
		"proc/meminfo":  file("MemTotal: 2 kB\n"),
		"sys/fs/cgroup/a.slice/b.service/memory.max":     file("1000\n"),
		"sys/fs/cgroup/a.slice/b.service/memory.current": file("700\n"),
		"sys/fs/cgroup/a.slice/b.service/memory.stat":    file("anon 1\ninactive_file 200\n"),
		"sys/fs/cgroup/a.slice/memory.max":               file("max\n"),
		"sys/fs/cgroup/memory.max":                       file("9000\n"),
	}
	all := Groups(files, "7")
	if len(all) != 2 || all[0].Dir != "sys/fs/cgroup/a.slice/b.service" || all[0].Limit != 1000 || all[1].Limit != 9000 {
		t.Fatalf("%+v", all)
	}
	if used, ok := all[0].Used(); !ok || used != 500 {
		t.Errorf("%d are used, %v", used, ok)
	}
	if _, ok := all[1].Used(); ok {
		t.Error("a group without the file has a number")
	}
	if TotalMemory(files) != 2048 || len(Groups(files, "8")) != 0 {
		t.Errorf("%d bytes, %v", TotalMemory(files), Groups(files, "8"))
	}
}
