package main

import "testing"

func TestASmokeRunIsSmaller(t *testing.T) {
	if small.crowd >= full.crowd || small.limit >= full.limit || small.rounds != 1 || full.limit.Minutes() > 10 {
		t.Error("a smoke run is as large as another one")
	}
}
