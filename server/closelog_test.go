package server

import (
	"testing"
	"time"
)

func TestCloseLogNamesAFewClosesASecond(t *testing.T) {
	now := time.Unix(1e9, 0)
	l := closeLog{begun: now}
	named := 0
	for range closesNamed + 3 {
		if l.allow() {
			named++
		}
	}
	if named != closesNamed {
		t.Errorf("%d closes are named, want %d", named, closesNamed)
	}
	if n := l.tick(now.Add(time.Second - 1)); n != 0 {
		t.Errorf("within the second, %d closes are reported", n)
	}
	if n := l.tick(now.Add(time.Second)); n != 3 {
		t.Errorf("after the second, %d closes are reported, want 3", n)
	}
	if !l.allow() {
		t.Error("the next second names no close")
	}
	if n := l.tick(now.Add(2 * time.Second)); n != 0 {
		t.Errorf("%d closes are reported twice", n)
	}
}
