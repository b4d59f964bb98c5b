package main

import "testing"

func TestProcessorTimeRisesWithWork(t *testing.T) {
	before, sum := processorTime(), 0
	for i := range 50_000_000 {
		sum += i
	}
	if after := processorTime(); after <= before || sum == 0 {
		t.Errorf("%v before the work and %v after it", before, after)
	}
}
