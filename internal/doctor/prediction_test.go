package doctor

import (
	"testing"
	"time"
)

// TestPredictionNamesTheLowestLimit: also how long a storm takes, by the rate or by the work.
func TestPredictionNamesTheLowestLimit(t *testing.T) {
	const mib = 1 << 20
	large := Facts{
		Descriptors: 1 << 20, DescriptorRoom: 1_000_000, Countable: 1 << 24, Memory: 64 << 30, Cores: 2, Cost: 10 * time.Microsecond,
	}
	for _, tt := range []struct {
		name    string
		with    func(*Facts)
		count   int
		limit   string
		seconds float64
	}{
		{"descriptors", func(*Facts) {}, 1_000_000, "descriptors", 5},
		{"no descriptor is left", func(f *Facts) { f.DescriptorRoom = -7 }, 0, "descriptors", 0},
		{"the setting", func(f *Facts) { f.MaxConnections = 300_000 }, 300_000, "setting", 1.5},
		{"the setting above the room", func(f *Facts) { f.MaxConnections = 3_000_000 }, 1_000_000, "descriptors", 5},
		{"the node's count", func(f *Facts) { f.DescriptorRoom, f.Memory = 1<<30, 0 }, 1 << 24, "countable", 83.88608},
		{"GOMEMLIMIT", func(f *Facts) { f.HeapLimit = 100 * mib }, (100*mib/100*85 - heapBase) / heapEach, "heap", 0.52074},
		{"a GOMEMLIMIT below an empty node", func(f *Facts) { f.HeapLimit = mib }, 0, "heap", 0},
		{"the control group", func(f *Facts) { f.GroupLimit, f.GroupUsed = 100*mib, 10*mib }, (100*mib/100*92 - 10*mib - groupBase) / groupEach, "cgroup", 0.155875},
		{"the host's memory", func(f *Facts) { f.Memory = 600 * mib }, 102_400, "memory", 0.512},
		{"the ports of one proxy", func(f *Facts) { f.Sources, f.SourcePorts = 1, 28_232 }, 28_232, "ports", 0.14116},
		{"the ports of three addresses", func(f *Facts) { f.Sources, f.SourcePorts = 3, 28_232 }, 84_696, "ports", 0.42348},
		{"ports without a proxy", func(f *Facts) { f.SourcePorts = 28_232 }, 1_000_000, "descriptors", 5},
		{"conntrack", func(f *Facts) { f.Tracked = 65_536 }, 65_536, "conntrack", 0.32768},
		{"the rate", func(f *Facts) { f.MaxConnections, f.Rate = 10_000, 1000 }, 10_000, "setting", 10},
		{"a rate above the work", func(f *Facts) { f.Rate = 1_000_000 }, 1_000_000, "descriptors", 5},
		{"an unmeasured cost", func(f *Facts) { f.Cost = 0 }, 1_000_000, "descriptors", 10},
	} {
		f := large
		tt.with(&f)
		p := Predict(f)
		if p.Connections != tt.count || p.Limit != tt.limit || p.StormSeconds < tt.seconds*0.999 || p.StormSeconds > tt.seconds*1.001 {
			t.Errorf("%s: %d connections, limited by %s, %v s; want %d, %s, %v s", tt.name, p.Connections, p.Limit, p.StormSeconds, tt.count, tt.limit, tt.seconds)
		}
		if p.Limits[0].What == "" || p.Limits[0].Advice == "" {
			t.Errorf("%s: %+v", tt.name, p.Limits[0])
		}
	}
	if p := Predict(Facts{}); p.Connections != 0 || p.Limit != "" {
		t.Errorf("without facts: %+v", p)
	}
}

func TestCapacityIsComparedWithTheGoal(t *testing.T) {
	p := Predict(Facts{MaxConnections: 700})
	for goal, level := range map[int]Level{0: OK, 700: OK, 701: Problem} {
		expect(t, "the goal", []Finding{Capacity(&p, goal)}, level, "WS_MAX_CONNECTIONS (--max-connections) comes first")
	}
	expect(t, "no facts", []Finding{Capacity(&Prediction{}, 0)}, Warning, "nothing is known")
}
