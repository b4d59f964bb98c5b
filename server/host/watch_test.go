package host

import (
	"os"
	"testing"
)

func TestAWatchCountsFromItsStart(t *testing.T) {
	h := example()
	used := int64(70)
	w := New(Options{
		Host: h, Port: 8000, Descriptors: 1024,
		Group: func() (int64, int64) { return used, 100 }, Heap: func() (int64, int64) { return 5, 0 },
	})
	used = 60
	h[netstatFile] = file("TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 1 22 35\n")
	h["proc/self/net/tcp6"] = file(columns)
	w.Look()
	page := int64(os.Getpagesize())
	want := Figures{
		AcceptQueue: Level{7, 17, 4096}, Overflows: 2, Drops: 5, Descriptors: Level{0, 0, 1024},
		GroupMemory: Level{60, 70, 100}, HeapMemory: Level{5, 5, 0}, KernelMemory: Level{12 * page, 12 * page, 300 * page},
	}
	if got := w.Figures(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// BenchmarkLook looks at this host.
func BenchmarkLook(b *testing.B) {
	none := func() (int64, int64) { return 0, 0 }
	w := New(Options{Host: os.DirFS("/"), Port: 8000, Group: none, Heap: none})
	for b.Loop() {
		w.Look()
	}
}
