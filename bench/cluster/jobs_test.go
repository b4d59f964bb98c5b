package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"momentum/bench/nodes"
)

func TestAServerThatIsMissingEndsEachJob(t *testing.T) {
	for _, j := range jobs {
		s := size{binary: "/does/not/exist", rounds: 1, only: []string{j.name}}
		if _, err := s.measure(context.Background()); err == nil || !strings.Contains(err.Error(), j.name+": cannot start") {
			t.Errorf("%s: %v", j.name, err)
		}
	}
}

func TestTheOrderChangesWithTheRound(t *testing.T) {
	if !slices.Equal(turns(0, 1, 2), []int{1, 2}) || !slices.Equal(turns(1, 1, 2), []int{2, 1}) {
		t.Error("the order is the same")
	}
}

func TestAThreadCanHaveAnyCoreAgain(t *testing.T) {
	done := make(chan error, 1)
	go func() { // its thread ends with it, as it is locked
		s := size{}
		_, err := s.measure(context.Background())
		if err == nil {
			err = useCore(0)
		}
		if err == nil {
			err = useCore(nodes.AnyCore)
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
