package host

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
)

func TestAWatchCountsFromItsStart(t *testing.T) {
	h := example()
	used, waiting := int64(70), int64(17)
	w := New(Options{
		Host: h, Port: 8000, Descriptors: 1024,
		Queue: func(port int) (int64, int64, error) { return waiting, int64(port / 2), nil },
		Group: func() (int64, int64) { return used, 100 }, Heap: func() (int64, int64) { return 5, 0 },
	})
	used = 60
	h[netstatFile] = file("TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 1 22 35\n")
	waiting = 7
	w.Look()
	page := int64(os.Getpagesize())
	want := Figures{
		AcceptQueue: Level{7, 17, 4000}, Overflows: 2, Drops: 5, Descriptors: Level{0, 0, 1024},
		GroupMemory: Level{60, 70, 100}, HeapMemory: Level{5, 5, 0}, KernelMemory: Level{12 * page, 12 * page, 300 * page},
	}
	if got := w.Figures(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// opened is a file system that remembers the names of all files.
type opened struct {
	fs.FS
	names []string
}

func (o *opened) Open(name string) (fs.File, error) {
	o.names = append(o.names, name)
	return o.FS.Open(name)
}

func (o *opened) ReadFile(name string) ([]byte, error) {
	o.names = append(o.names, name)
	return fs.ReadFile(o.FS, name)
}

// TestALookReadsNoListOfConnections finds the files whose length grows with the sockets of the host.
func TestALookReadsNoListOfConnections(t *testing.T) {
	h := &opened{FS: example()}
	none := func() (int64, int64) { return 0, 0 }
	New(Options{Host: h, Queue: func(int) (int64, int64, error) { return 1, 1, errors.ErrUnsupported }, Group: none, Heap: none})
	for _, name := range h.names {
		if strings.HasSuffix(name, "/tcp") || strings.HasSuffix(name, "/tcp6") {
			t.Errorf("a look reads %s", name)
		}
	}
	if len(h.names) < 4 {
		t.Errorf("a look reads only %v", h.names)
	}
}

// BenchmarkLook looks at this host.
func BenchmarkLook(b *testing.B) {
	none := func() (int64, int64) { return 0, 0 }
	w := New(Options{Host: os.DirFS("/"), Port: 8000, Queue: Listeners, Group: none, Heap: none})
	for b.Loop() {
		w.Look()
	}
}
