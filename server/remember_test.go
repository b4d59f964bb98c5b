package server

import (
	"testing"
	"time"
)

func TestEachStartHasAnEpochOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(100) {
		n := node{options: Options{Seed: seed, NewID: nil}}
		n.remember(History{Messages: 1, Bytes: 1000, Age: time.Second})
		if len(n.epoch) != 8 || seen[n.epoch] {
			t.Errorf("start %d has the epoch %q", seed, n.epoch)
		}
		seen[n.epoch] = true
	}
}
