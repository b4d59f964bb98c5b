package main

import (
	"runtime/debug"
	"testing"
	"testing/fstest"
)

func TestGarbageMayBeMoreOnASmallHeap(t *testing.T) {
	g := &garbage{slack: 32 << 20}
	for _, tt := range []struct {
		live uint64
		want int
	}{{0, 800}, {2 << 20, 800}, {8 << 20, 400}, {32 << 20, 100}, {1 << 30, 100}} {
		if got, _ := g.look(tt.live, 0); got != tt.want {
			t.Errorf("%d bytes live: %d %%, want %d", tt.live, got, tt.want)
		}
	}
}

func TestGarbageIsLookedForWhenAStormIsOver(t *testing.T) {
	g := &garbage{slack: 32 << 20}
	for i, tt := range []struct {
		live, allocated uint64 // MiB
		want            bool
	}{
		{3, 3, false},      // too little to be worth it
		{3, 20, false},     // a storm
		{3, 20, true},      // is over
		{12, 20, false},    // and all was found
		{12, 21, false},    // some come
		{100, 45, false},   // many do
		{100, 45, true},    // and no more
		{1000, 200, false}, // on a large heap
		{1000, 200, false}, // this is not worth it
	} {
		if _, got := g.look(tt.live<<20, tt.allocated<<20); got != tt.want {
			t.Errorf("look %d: %v", i, got)
		}
	}
}

func TestGarbageIsLeftToGo(t *testing.T) {
	t.Setenv("GOGC", "")
	if g := newGarbage(fstest.MapFS{}); g == nil || g.slack != slackBytes {
		t.Error("not with all the memory there is")
	}
	before := debug.SetMemoryLimit(256 << 20)
	defer debug.SetMemoryLimit(before)
	if g := newGarbage(fstest.MapFS{}); g == nil || g.slack != 16<<20 {
		t.Error("256 MiB: not a sixteenth of it")
	}
	debug.SetMemoryLimit(64 << 20)
	if newGarbage(fstest.MapFS{}) != nil {
		t.Error("64 MiB leave nothing to waste")
	}
	debug.SetMemoryLimit(before)
	t.Setenv("GOGC", "200")
	if newGarbage(fstest.MapFS{}) != nil {
		t.Error("though the environment says what is to be done")
	}
}
