package main

import (
	"errors"
	"testing"
)

func TestAWindowWithoutMessagesIsAnError(t *testing.T) {
	p, counted := here(t, plainServer{newMembers(), false}), newTally()
	if m, err := p.window(counted, func() error { return nil }); err == nil {
		t.Errorf("%+v", m)
	}
	stop := errors.New("stop")
	if _, err := p.window(counted, func() error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the work's error is %v", err)
	}
	m, err := p.window(counted, func() error { counted.add(1); return nil })
	if err != nil || m.Count != 1 || m.CPUMicros <= 0 || m.PerSecond <= 0 {
		t.Errorf("%+v, %v", m, err)
	}
}
