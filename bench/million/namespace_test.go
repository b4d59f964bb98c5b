package main

import "testing"

func TestEachEndHasASlot(t *testing.T) {
	for connections, want := range map[int]int{1: 2, 20_000: 1 << 16, 1_000_000: 1 << 21, 1 << 30: maxSlots} {
		if got := slotsFor(connections); got != want {
			t.Errorf("%d slots for %d connections, want %d", got, connections, want)
		}
	}
}

func TestASmallRunStaysOnTheHost(t *testing.T) {
	if err := enterNamespace(100); err != nil {
		t.Error(err)
	}
}
