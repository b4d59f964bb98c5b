package doctor

import "testing"

func TestMemoryFindingsNameTheLine(t *testing.T) {
	group := func(limit, used string) map[string]string {
		return map[string]string{"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": limit, "sys/fs/cgroup/a/memory.current": used, "sys/fs/cgroup/a/memory.stat": ""}
	}
	for _, tt := range []struct {
		name   string
		files  map[string]string
		memory int64 // GOMEMLIMIT
		goal   int
		level  Level
		text   string
	}{
		{"no limit", nil, 0, 0, OK, "neither"},
		{"GOMEMLIMIT alone", nil, 512 << 20, 0, OK, "GOMEMLIMIT is 512 MiB"},
		{"a group alone", group("1073741824", "0"), 0, 0, Warning, "Environment=GOMEMLIMIT=819MiB"},
		{"GOMEMLIMIT above the group", group("1073741824", "0"), 2 << 30, 0, Problem, "Environment=GOMEMLIMIT=819MiB"},
		{"both", group("1073741824", "0"), 800 << 20, 0, OK, "may use 1024 MiB, and GOMEMLIMIT is 800 MiB"},
		{"a full group", group("1073741824", "1073000000"), 800 << 20, 0, Problem, "MemoryMax=2048M"},
		{"a small host", map[string]string{"proc/meminfo": "MemAvailable: 102400 kB\n"}, 0, 100_000, Problem, "WS_MAX_CONNECTIONS=17066"},
	} {
		n := someNode()
		n.GoMemory, n.Goal = tt.memory, tt.goal
		expect(t, tt.name, Memories(planted(tt.files), n), tt.level, tt.text)
	}
	hidden := someNode()
	hidden.GoMemoryHidden = true
	expect(t, "an environment that cannot be read", Memories(planted(group("1073741824", "0")), hidden), Warning, "cannot be read: run the doctor as root")
	if available(planted(map[string]string{"proc/meminfo": "MemTotal: 7 kB\n"})) != 7<<10 || available(planted(nil)) != 0 {
		t.Error("the memory of a host is wrong")
	}
}
