package doctor

import "testing"

func TestDescriptorsAreComparedWithTheGoal(t *testing.T) {
	for _, tt := range []struct {
		name, soft, hard, nrOpen, fileMax, fileNr string
		goal                                      int
		level                                     Level
		text                                      string
	}{
		{"enough", "1024", "1048576", "1048576", "9000000", "1000 0 9000000", 100_000, OK, "leaves room for 1048460 connections"},
		{"unlimited", "1024", "unlimited", "1048576", "9000000", "1 0 1", 0, OK, "the hard limit of 1073741824"},
		{"too low for the goal", "1024", "4096", "1048576", "9000000", "1 0 1", 100_000, Problem, "LimitNOFILE=131072"},
		{"no room at all", "64", "64", "1048576", "9000000", "1 0 1", 0, Problem, "room for 0 connections"},
		{"low without a goal", "1024", "4096", "1048576", "9000000", "1 0 1", 0, Warning, "LimitNOFILE=1048576"},
		{"above nr_open", "1024", "1048576", "1048576", "90000000", "1 0 1", 2_000_000, Problem, "fs.nr_open = 2097152"},
		{"above file-max", "1024", "1048576", "1048576", "65536", "60000 0 65536", 100_000, Problem, "fs.file-max = 262144"},
	} {
		n := someNode()
		n.Goal = tt.goal
		files := planted(map[string]string{
			"proc/self/limits": limitsFile(tt.soft, tt.hard), "proc/sys/fs/nr_open": tt.nrOpen, "proc/sys/fs/file-max": tt.fileMax, "proc/sys/fs/file-nr": tt.fileNr,
		})
		expect(t, tt.name, Hosts(files, n), tt.level, tt.text)
	}
	n := someNode()
	n.Process = "7"
	expect(t, "another process", Hosts(planted(map[string]string{"proc/7/limits": limitsFile("1", "1048576")}), n), OK, "room for 1048460")
	expect(t, "no files", Hosts(planted(nil), n), Warning, "cannot be read")
}

func TestProcessorsAreComparedWithTheReactors(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		level Level
		text  string
	}{
		{"no group", nil, OK, "1 reactors on 2 cores"},
		{"half a core", map[string]string{"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "50000 100000\n", "sys/fs/cgroup/a/b/cpu.max": "max 100000\n"}, Warning, "has 0.50 of a core"},
		{"half a core, version 1", map[string]string{
			"proc/self/cgroup": "3:cpuset:/a\n2:cpu,cpuacct:/a\n", "sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "50000\n", "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000\n",
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, Warning, "has 0.50 of a core"},
		{"enough", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "400000 100000\n"}, OK, "reactors"},
	} {
		n := someNode()
		n.Reactors = 1
		expect(t, tt.name, processors(planted(tt.files), n), tt.level, tt.text)
	}
	n := someNode()
	n.Reactors = 200
	expect(t, "more reactors than the quota", processors(planted(map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "250000 100000\n"}), n), Warning, "REACTORS=2")
	expect(t, "more reactors than cores", processors(planted(nil), n), Warning, "REACTORS=0")
}
