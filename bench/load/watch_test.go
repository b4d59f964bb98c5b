package load

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

const ms = int64(time.Millisecond)

// idle is a fleet whose loop the test is.
func idle(t *testing.T, test Test) *fleet {
	t.Helper()
	p := &Plan{Test: test, Connections: 1, Messages: 1, Seconds: 1, MaxConcurrent: 1, IntervalMS: 1, Fanout: Partner}
	f, err := newFleet(t.Context(), p, test, &Prepared{target: &target{}, crew: &crew{tokens: []string{""}, ids: []string{""}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.release)
	return f
}

func TestOnlyTimeInWhichSomethingWasMeasuredCounts(t *testing.T) {
	f := idle(t, Throughput)
	f.sample(10 * ms)
	f.admission.entered = 1
	f.sample(15 * ms)
	f.sample(3000 * ms) // a pause, such as Retry-After asks for
	f.turnTo(talking, 3000*ms)
	f.traffic.sent = 1
	f.turnTo(settling, 3020*ms)
	f.traffic.received = 1
	f.sample(3021 * ms)
	f.turnTo(departing, 6021*ms)
	f.traffic.received = 2
	f.sample(6030 * ms)
	if a, b := f.watch.admitting.span, f.watch.talking.span; a != 5*ms || b != 21*ms {
		t.Errorf("%v of admission and %v of talking count", time.Duration(a), time.Duration(b))
	}
}

func TestAGeneratorAtItsLimitIsToldOfEachPhase(t *testing.T) {
	idleTime := effort{span: 100 * ms, work: 10 * ms, turns: 10}
	for name, c := range map[string]struct {
		did  effort
		says string
	}{
		"at ease":              {idleTime, ""},
		"busy, but not all":    {effort{span: 100 * ms, work: 94 * ms, turns: 10}, ""},
		"busy":                 {effort{span: 100 * ms, work: 96 * ms, turns: 10}, "set the pace"},
		"kept from its core":   {effort{span: 100 * ms, work: 76 * ms, wait: 20 * ms, turns: 1000}, "set the pace"},
		"late for each answer": {effort{span: 100 * ms, work: 5 * ms, wait: 20 * ms, turns: 20}, "1ms each time"},
		"late, but seldom":     {effort{span: 100 * ms, work: 5 * ms, wait: 20 * ms, turns: 1000}, ""},
		"nothing happened":     {effort{}, ""},
	} {
		for _, phase := range []string{"handshakes", "deliveries"} {
			f := idle(t, Throughput)
			f.admission.handshake.record(0, 3*time.Millisecond)
			f.traffic.delivery.record(0, 3*time.Millisecond)
			f.watch.admitting, f.watch.talking = c.did, idleTime
			if phase == "deliveries" {
				f.watch.admitting, f.watch.talking = idleTime, c.did
			}
			why := f.bottleneck()
			if c.says == "" && len(why) > 0 || c.says != "" && (len(why) != 1 || !strings.Contains(why[0], c.says) || !strings.HasPrefix(why[0], phase)) {
				t.Errorf("%s: %s: %q", phase, name, why)
			}
		}
	}
}

func TestAWaitThatIsShortBesideWhatIsMeasuredDoesNotMatter(t *testing.T) {
	f := idle(t, Throughput)
	f.watch.talking = effort{span: 100 * ms, work: 5 * ms, wait: 20 * ms, turns: 20}
	f.traffic.delivery.record(0, 11*time.Millisecond)
	if why := f.bottleneck(); len(why) > 0 {
		t.Error(why)
	}
}

func TestLateMessagesAreTheGenerators(t *testing.T) {
	f := idle(t, Throughput)
	f.traffic.delivery.record(0, 20*time.Millisecond)
	record(f.traffic.lateness, 6*time.Millisecond)
	if why := f.bottleneck(); len(why) != 1 || !strings.Contains(why[0], "late (p99)") {
		t.Errorf("%q", why)
	}
}

func TestTheKernelTellsOfTheLoop(t *testing.T) {
	if _, err := os.Stat("/proc/thread-self/schedstat"); err != nil {
		t.Skip("this kernel keeps no schedstat")
	}
	f := idle(t, Storm)
	f.watch.begin(0)
	if f.watch.last.turns < 1 || f.watch.last.work < 1 {
		t.Errorf("%+v", f.watch.last)
	}
}

func TestWhatTheHostHadNoRoomForIsNotTheServers(t *testing.T) {
	p := serving(t, echoing(echo))
	p.Seconds = 1
	prepared, err := Prepare(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	prepared.sources = append(prepared.sources, testNet)
	r, err := Run(t.Context(), p, Storm, prepared, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.want(t, "failed", 0)
	if !slices.ContainsFunc(r.Invalid, func(why string) bool { return strings.Contains(why, "EADDRNOTAVAIL") }) {
		t.Errorf("invalid: %q", r.Invalid)
	}
}
