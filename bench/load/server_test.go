package load

import (
	"os"
	"testing"
	"time"
)

// The figures follow from the readings at the changes of stage, however long the run takes.
func TestTheServersFiguresAreOfTheStagesOfTheRun(t *testing.T) {
	f := idle(t, Sustained)
	f.server = server{
		pid: 1, cpuBegin: time.Second, cpuAdmitted: 1200 * time.Millisecond, cpuSending: 1500 * time.Millisecond, cpuEnd: 2 * time.Second,
		memoryBegin: 1000, memorySending: 4600, memoryEnd: 5000, connections: 4,
	}
	f.closingBegan = int64(10 * time.Second)
	f.admission.entered, f.traffic.received = 1000, 2000
	want := map[string]Metric{
		"server_cpu":                   {Value: .1, Unit: Cores, Better: None},
		"server_cpu_per_handshake":     {Value: 200, Unit: Microseconds, Better: Lower},
		"server_cpu_per_delivery":      {Value: 250, Unit: Microseconds, Better: Lower},
		"server_memory_per_connection": {Value: 1000, Unit: Bytes, Better: Lower},
		"drift_memory_per_connection":  {Value: 100, Unit: Bytes, Better: None},
	}
	var s metricList
	serverMetrics(f, &s)
	for _, got := range s {
		m := want[got.Name]
		if m.Name = got.Name; got != m {
			t.Errorf("%+v, want %+v", got, m)
		}
	}
	if len(s) != len(want) {
		t.Errorf("%d figures, want %d", len(s), len(want))
	}
}

func TestAServerThatHasEndedHasNoFigures(t *testing.T) {
	f := idle(t, Storm)
	f.server = server{pid: os.Getpid()}
	f.server.begin()
	f.server.pid = 1 << 30 // above any process's number
	f.enterStage(closing, ms)
	var s metricList
	if serverMetrics(f, &s); len(s) > 0 {
		t.Errorf("%+v", s)
	}
}

// Each metric is known with its unit and its tests, so that a condition on it can be checked before a run.
func TestEveryMetricIsInTheTableOfKnownMetrics(t *testing.T) {
	p := serving(t, echoing(echo))
	p.Seconds, p.IntervalMS, p.ServerPID = 1, 5, os.Getpid()
	all := knownMetrics()
	for _, test := range []Test{Storm, Throughput, Sustained} {
		measured := map[string]bool{}
		for _, m := range measure(t, p, test).Metrics {
			measured[m.Name] = true
			if k, ok := all[m.Name]; !ok || k.unit != m.Unit || !k.has(test) {
				t.Errorf("%s: %s in %q is not known as such", test, m.Name, m.Unit)
			}
		}
		for name, k := range all {
			if k.has(test) && !measured[name] {
				t.Errorf("%s does not measure %s", test, name)
			}
		}
	}
}
