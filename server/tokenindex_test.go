package server

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// indexed returns a node of one reactor with n connections, whose sessions are not live: a test gives them tokens.
func indexed(t testing.TB, n int) (*shard, []*session) {
	t.Helper()
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.MaxSockets = 1, 1<<24 })
	for range n {
		w.net.Dial()
	}
	sh := w.shards()[0]
	return sh, slices.Collect(sh.sessions.all())
}

// testToken draws one of 60 hashes, noToken among them; some share their lower half.
func testToken(random *rand.Rand) uint64 {
	n := uint64(random.IntN(60))
	return n%40 | n/40<<32
}

// TestTokenIndexAgainstAModel adds and removes sessions of few tokens at random, and compares with a map of sets.
func TestTokenIndexAgainstAModel(t *testing.T) {
	sh, all := indexed(t, 300)
	random := rand.New(rand.NewPCG(1, 2))
	model := map[uint64]map[*session]bool{}
	added := map[*session]bool{}
	for step := range 20_000 {
		s := all[random.IntN(len(all))]
		if added[s] {
			sh.tokens.remove(s)
			delete(added, s)
			delete(model[s.token], s)
		} else {
			s.token = testToken(random)
			sh.tokens.add(s)
			added[s] = true
			if model[s.token] == nil {
				model[s.token] = map[*session]bool{}
			}
			model[s.token][s] = true
		}
		token := max(1, testToken(random))
		if found := sh.tokens.find(token); (found != nil) != (len(model[token]) > 0) || found != nil && !model[token][found] {
			t.Fatalf("step %d: of %d sessions of token %d found %v", step, len(model[token]), token, found)
		}
	}
	for token, sessions := range model {
		for token != noToken && len(sessions) > 0 {
			s := sh.tokens.find(token)
			if s == nil || !sessions[s] {
				t.Fatalf("token %d: %d sessions are not found", token, len(sessions))
			}
			sh.tokens.remove(s)
			delete(sessions, s)
		}
	}
	if left := len(sh.tokens.rings); left != 0 {
		t.Errorf("%d tokens are left without sessions", left)
	}
}

// BenchmarkTokenIndex adds a million sessions of as many tokens, and reports the bytes each takes besides the eight in
// the session.
func BenchmarkTokenIndex(b *testing.B) {
	sh, all := indexed(b, 1_000_000)
	random := rand.New(rand.NewPCG(1, 2))
	for _, s := range all {
		s.token = random.Uint64() | 1
	}
	var before, after runtime.MemStats
	for b.Loop() {
		sh.tokens = newTokenIndex(&sh.sessions)
		runtime.GC()
		runtime.ReadMemStats(&before)
		for _, s := range all {
			sh.tokens.add(s)
		}
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.StartTimer()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(all)), "B/session")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(all)), "ns/add")
}
