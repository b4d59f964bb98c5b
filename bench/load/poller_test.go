package load

import (
	"context"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func newTestPoller(t *testing.T, ctx context.Context) *poller {
	t.Helper()
	p, err := newPoller(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p
}

func TestAnEventNamesItsConnection(t *testing.T) {
	p := newTestPoller(t, t.Context())
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	if err := p.add(pair[0], unix.EPOLLIN|unix.EPOLLET, 7, 3); err != nil {
		t.Fatal(err)
	}
	if events, err := p.wait(0, 0); err != nil || len(events) != 0 {
		t.Errorf("before any data: %v %v", events, err)
	}
	if _, err := unix.Write(pair[1], []byte("x")); err != nil {
		t.Fatal(err)
	}
	if events, err := p.wait(never, 0); err != nil || len(events) != 1 || events[0].Fd != 7 || events[0].Pad != 3 {
		t.Errorf("%v %v", events, err)
	}
}

func TestAWaitEndsAtItsTime(t *testing.T) {
	p := newTestPoller(t, t.Context())
	for _, pause := range []time.Duration{time.Millisecond, 300 * time.Microsecond} {
		began := time.Now()
		events, err := p.wait(int64(pause), 0)
		if took := time.Since(began); err != nil || took < pause || len(events) != 1 || events[0].Fd != timerKey {
			t.Errorf("%v of %v: %v %v", took, pause, events, err)
		}
	}
}

func TestTheEndOfTheContextEndsAWait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := newTestPoller(t, ctx)
	cancel()
	if events, err := p.wait(never, 0); err != nil || len(events) != 1 || events[0].Fd != stopKey {
		t.Errorf("%v %v", events, err)
	}
}
