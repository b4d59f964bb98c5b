package fanout

import "testing"

func TestValuesInASlabDoNotMove(t *testing.T) {
	var p slab[int]
	at := make(map[int32]*int)
	for i := range 3 * slabChunk {
		n := p.take()
		if n == 0 || at[n] != nil {
			t.Fatalf("index %d is taken twice, or is none", n)
		}
		at[n] = p.at(n)
		*at[n] = i
	}
	for n, v := range at {
		if p.at(n) != v {
			t.Fatalf("value %d has moved", n)
		}
	}
	chunks := len(p.chunks)
	for n := range at {
		p.release(n)
	}
	for range len(at) {
		p.take()
	}
	if len(p.chunks) != chunks || p.used != len(at) {
		t.Errorf("%d chunks after a release of all values, %d before; %d are used", len(p.chunks), chunks, p.used)
	}
}
