package server

import (
	"math/rand/v2"
	"runtime"
	"testing"
)

// indexOf returns an index of n entries that a test gives hashes.
func indexOf(n int) (tokenIndex, []tokenEntry) {
	all := make([]tokenEntry, n)
	return newTokenIndex(func(slot uint32) *tokenEntry { return &all[slot] }), all
}

// testHash draws one of 60 hashes, noToken among them; some share their lower half.
func testHash(random *rand.Rand) uint64 {
	n := uint64(random.IntN(60))
	return n%40 | n/40<<32
}

// TestTokenIndexAgainstAModel adds and removes sessions of few tokens at random, and compares with a map of sets.
func TestTokenIndexAgainstAModel(t *testing.T) {
	index, all := indexOf(300)
	random := rand.New(rand.NewPCG(1, 2))
	model, added := map[uint64]map[uint32]bool{}, map[uint32]bool{}
	for step := range 20_000 {
		slot := uint32(random.IntN(len(all)))
		e := &all[slot]
		if added[slot] {
			index.remove(slot)
			delete(added, slot)
			delete(model[e.hash], slot)
		} else {
			e.hash = testHash(random)
			index.add(slot)
			added[slot] = true
			if model[e.hash] == nil {
				model[e.hash] = map[uint32]bool{}
			}
			model[e.hash][slot] = true
		}
		hash := max(1, testHash(random))
		if slot, found := index.find(hash); found != (len(model[hash]) > 0) || found && !model[hash][slot] {
			t.Fatalf("step %d: of %d sessions of token %d found %v: %d", step, len(model[hash]), hash, found, slot)
		}
	}
	for hash, slots := range model {
		for hash != noToken && len(slots) > 0 {
			slot, found := index.find(hash)
			if !found || !slots[slot] {
				t.Fatalf("token %d: %d sessions are not found", hash, len(slots))
			}
			index.remove(slot)
			delete(slots, slot)
		}
	}
	if left := len(index.rings); left != 0 {
		t.Errorf("%d rings are left without sessions", left)
	}
}

// BenchmarkTokenIndex adds a million sessions of as many tokens, and reports the bytes each takes besides the eight in
// the session.
func BenchmarkTokenIndex(b *testing.B) {
	index, all := indexOf(1_000_000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range all {
		all[i].hash = random.Uint64() | 1
	}
	var before, after runtime.MemStats
	for b.Loop() {
		b.StopTimer()
		index.rings = make(map[uint32]uint32)
		runtime.GC()
		runtime.ReadMemStats(&before)
		b.StartTimer()
		for slot := range all {
			index.add(uint32(slot))
		}
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.StartTimer()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(all)), "B/session")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(all)), "ns/add")
}
