package load

import (
	"os"
	"testing"
	"time"
)

const ms = int64(time.Millisecond)

func TestOnlyWindowsWithEventsCount(t *testing.T) {
	f := idle(t, Throughput)
	f.sample(10 * ms)
	f.admission.entered = 1
	f.sample(15 * ms)
	f.sample(3000 * ms) // a pause, as for a Retry-After
	f.enterStage(sending, 3000*ms)
	f.traffic.sent = 1
	f.enterStage(settling, 3020*ms)
	f.traffic.received = 1
	f.sample(3021 * ms)
	f.enterStage(closing, 6021*ms)
	f.traffic.received = 2
	f.sample(6030 * ms)
	if a, b := f.meter.handshakes.span, f.meter.deliveries.span; a != 5*ms || b != 21*ms {
		t.Errorf("%v of admission and %v of sending count", time.Duration(a), time.Duration(b))
	}
}

func TestTheMeterReadsTheLoopsThread(t *testing.T) {
	if _, err := os.Stat("/proc/thread-self/schedstat"); err != nil {
		t.Skip("this kernel keeps no schedstat")
	}
	f := idle(t, Storm)
	f.meter.begin(0)
	if f.meter.last.turns < 1 || f.meter.last.work < 1 {
		t.Errorf("%+v", f.meter.last)
	}
}
