package fanout

import (
	"math/rand/v2"
	"testing"
)

func TestRingIsFirstInFirstOut(t *testing.T) {
	var r ring[int]
	random := rand.New(rand.NewPCG(1, 1))
	in, out := 0, 0
	for range 10_000 {
		if r.len() != in-out {
			t.Fatalf("%d items, counted as %d", in-out, r.len())
		}
		if r.len() > 0 && random.IntN(100) < 50 {
			if out++; r.pop() != out {
				t.Fatalf("item %d is not the first", out)
			}
		} else {
			in++
			r.push(in)
		}
	}
	for range 100_000 { // a ring that is never empty does not grow
		in++
		r.push(in)
		r.pop()
	}
	if cap(r.items) > 4096 {
		t.Errorf("the ring has room for %d items and holds %d", cap(r.items), r.len())
	}
}
