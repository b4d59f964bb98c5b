package main

import (
	"testing"

	"golang.org/x/sys/unix"

	"momentum/internal/config"
)

func TestSoftDescriptorLimitIsRaisedToTheHardOne(t *testing.T) {
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Setrlimit(unix.RLIMIT_NOFILE, &before) })
	lowered := unix.Rlimit{Cur: 200, Max: before.Max}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &lowered); err != nil {
		t.Fatal(err)
	}
	got, err := raiseDescriptorLimit()
	var after unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &after); err != nil {
		t.Fatal(err)
	}
	if err != nil || after.Cur != before.Max || got != int(min(before.Max, unlimitedDescriptors)) {
		t.Errorf("returned %d, error %v; the limit is %d of %d", got, err, after.Cur, before.Max)
	}
}

func TestConnectionCapNeverReachesTheDescriptorLimit(t *testing.T) {
	for _, tt := range []struct {
		name                         string
		asked, descriptors, reactors int
		want                         int
	}{
		{"as many as fit", 0, 20000, 2, 20000 - reservedDescriptors - 78 - 2*reactorDescriptors},
		{"as many as asked", 1000, 20000, 2, 1000},
		{"fewer than asked", 20000, 20000, 2, 20000 - reservedDescriptors - 78 - 2*reactorDescriptors},
		{"a small host still has room", 0, 256, 2, 136},
		{"more reactors than descriptors", 10, 256, 64, 256 - reservedDescriptors - 4 - 64*reactorDescriptors},
		{"no limit at all", 0, unlimitedDescriptors, 2, config.HighestConnections},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &config.Config{MaxConnections: tt.asked}
			if got := connectionCap(c, tt.descriptors, tt.reactors); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

func TestViewersTakeFewDescriptors(t *testing.T) {
	for descriptors, want := range map[int]int{64: 4, 1024: 4, 20000: 78, 1 << 20: 1000} {
		if got := viewerRoom(descriptors); got != want {
			t.Errorf("%d viewers of %d descriptors, want %d", got, descriptors, want)
		}
	}
}
