package server

import (
	"testing"

	"momentum/server/cluster"
	"momentum/server/history"
)

// TestAnEpochHasANewNumberInEachRound holds that a channel with a number of an earlier round has to be joined again, and that its
// messages are still valid if the epoch is the same.
func TestAnEpochHasANewNumberInEachRound(t *testing.T) {
	var table epochTable
	table.begin()
	if table.at(0) != 0 || table.epoch(0) != 0 || table.number(0) != 0 {
		t.Error("there is an epoch before the bus was reached")
	}
	table.round([]cluster.Epoch{70, 80})
	first := table.number(70)
	if first == 0 || table.number(70) != first || table.number(80) == first {
		t.Errorf("in one round: %d, %d and %d", first, table.number(70), table.number(80))
	}
	table.round([]cluster.Epoch{70, 90})
	again := table.number(70)
	if again == first {
		t.Errorf("the number %d is used in the next round, too", first)
	}
	if table.epoch(first) != 70 || table.epoch(again) != 70 {
		t.Errorf("the numbers stand for %d and %d", table.epoch(first), table.epoch(again))
	}
	var m history.Membership
	m.Enter(first)
	if table.of(m) != 70 {
		t.Errorf("a channel of the first round is in epoch %d", table.of(m))
	}
	if table.at(0) != 70 || table.at(1) != 90 || table.at(2) != 0 {
		t.Errorf("the partitions are in %d, %d and %d", table.at(0), table.at(1), table.at(2))
	}
}

func TestTheTableOfEpochsStaysSmall(t *testing.T) {
	var table epochTable
	table.begin()
	table.round([]cluster.Epoch{70, 80})
	first := table.number(80)
	for range 100_000 {
		table.round([]cluster.Epoch{70, 80})
	}
	last := table.number(80)
	if table.epoch(first) != 80 || table.epoch(last) != 80 || last == first || table.epoch(last-1) != 70 || table.epoch(last+1) != 0 {
		t.Errorf("the numbers %d and %d stand for %d and %d", first, last, table.epoch(first), table.epoch(last))
	}
	if n := len(*table.runs.Load()); n > 2 {
		t.Errorf("%d runs are remembered for one pair of epochs", n)
	}
	for e := range cluster.Epoch(2 * maxEpochRuns) {
		table.round([]cluster.Epoch{100 + e})
	}
	if n := len(*table.runs.Load()); n != maxEpochRuns || table.epoch(first) != 0 || table.number(80) != 0 {
		t.Errorf("%d runs are remembered, and the number of an old epoch stands for %d", n, table.epoch(first))
	}
}
