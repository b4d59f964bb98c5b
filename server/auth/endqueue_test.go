package auth

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestEndQueueIsSorted pushes and pops at random, and compares with a list that is sorted each time.
func TestEndQueueIsSorted(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var q endQueue
	var model []int64
	for step := range 10_000 {
		if len(model) == 0 || random.IntN(5) < 3 {
			at := random.Int64N(50)
			q.push(ending{at: at})
			model = append(model, at)
			slices.Sort(model)
			continue
		}
		if got := q.pop().at; got != model[0] {
			t.Fatalf("step %d: popped %d, want %d", step, got, model[0])
		}
		model = model[1:]
	}
}
