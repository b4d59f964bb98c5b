package cache

import (
	"runtime"
	"testing"
	"time"

	"momentum/server/directory"
)

// BenchmarkRecall measures the lookup of a remembered user, on every core at once.
func BenchmarkRecall(b *testing.B) {
	m := newMemory(DefaultSize)
	now := time.Hour
	for i := range 1 << 16 {
		m.keep(person(i), now, 2*now)
	}
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, fresh := m.recall(person(i&0xffff).ID, now); !fresh {
				b.Error("forgotten")
			}
		}
	})
}

// BenchmarkFull measures the memory for each user of a full cache.
func BenchmarkFull(b *testing.B) {
	now := time.Hour
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		m := newMemory(DefaultSize)
		for i := range DefaultSize {
			u := person(i)
			u.Username, u.Email = string([]byte("somebody of that name")), string([]byte("somebody.of.that.name@example.com"))
			m.keep(u, now, 2*now)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(m.size()), "B/user")
		if u, _ := m.recall(person(0).ID, now); u.Standing == directory.Unknown {
			b.Error("forgotten")
		}
	}
}
