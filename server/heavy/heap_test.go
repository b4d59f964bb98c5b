package heavy

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestAHeapKeepsTheHighest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var h heap
	var all []uint64
	for i := range 1000 {
		n := random.Uint64N(500)
		all = append(all, n)
		h.offer(ranked{n, uint16(i)})
	}
	slices.Sort(all)
	var kept []uint64
	for len(h) > 0 {
		kept = append(kept, h[0].amount)
		h[0] = h[len(h)-1]
		h = h[:len(h)-1]
		h.sift()
	}
	if want := all[len(all)-Listed:]; !slices.Equal(kept, want) {
		t.Errorf("kept %v, want %v", kept, want)
	}
}
