package host

import (
	"io/fs"
	"os"
	"sync"
)

// Options says where a Watch looks.
type Options struct {
	Host        fs.FS // the root of the host's file system
	Port        int   // of the WebSocket endpoint
	Descriptors int64 // limit of the process
	// Queue returns the length of the accept queues of a port, and their limit (see Listeners).
	Queue func(port int) (waiting, limit int64, err error)
	// Group and Heap return memory in use and its limit; 0 for none.
	Group, Heap func() (used, limit int64)
}

// Watch looks at a host again and again, and remembers the highest levels. Any goroutine may use it.
type Watch struct {
	options Options

	mu               sync.Mutex
	figures          Figures
	overflows, drops uint64 // at the start
}

// New makes a watch that has looked once.
func New(o Options) *Watch {
	w := &Watch{options: o}
	all := counters(o.Host)
	w.overflows, w.drops = all["ListenOverflows"], all["ListenDrops"]
	w.Look()
	return w
}

// Look reads all figures: four small files, a directory's size, and the kernel's answer about the listening sockets.
func (w *Watch) Look() {
	o := &w.options
	queue, most, err := o.Queue(o.Port)
	if err != nil {
		queue, most = 0, 0
	}
	all := counters(o.Host)
	page := int64(os.Getpagesize())
	pages, limit := TCPPages(o.Host), lastNumber(o.Host, tcpMemFile)
	open := descriptors(o.Host)
	group, groupLimit := o.Group()
	heap, heapLimit := o.Heap()
	w.mu.Lock()
	defer w.mu.Unlock()
	f := &w.figures
	f.AcceptQueue.set(queue, most)
	f.Overflows, f.Drops = all["ListenOverflows"]-w.overflows, all["ListenDrops"]-w.drops
	f.Descriptors.set(open, o.Descriptors)
	f.GroupMemory.set(group, groupLimit)
	f.HeapMemory.set(heap, heapLimit)
	f.KernelMemory.set(pages*page, limit*page)
}

// Figures returns the figures as of the last look.
func (w *Watch) Figures() Figures {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.figures
}
