package host

import (
	"os"
	"testing"
	"testing/fstest"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// example is a host as proc(5) describes it.
func example() fstest.MapFS {
	return fstest.MapFS{
		netstatFile:  file("TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 1 20 30\nIpExt: ListenDrops\nIpExt: 9\n"),
		sockstatFile: file("sockets: used 19\nTCP: inuse 1 orphan 0 tw 295 alloc 1 mem 12\nUDP: inuse 0 mem 5\n"),
		tcpMemFile:   file("100\t200\t300\n"),
	}
}

func TestFilesOfTheKernelAreRead(t *testing.T) {
	h := example()
	if Overflows(h) != 20 {
		t.Errorf("%d overflows", Overflows(h))
	}
	if c := counters(h); c["ListenOverflows"] != 20 || c["ListenDrops"] != 30 {
		t.Errorf("the counters are %v", c)
	}
	if pages, most := TCPPages(h), lastNumber(h, tcpMemFile); pages != 12 || most != 300 {
		t.Errorf("%d pages of %d", pages, most)
	}
}

func TestAHostWithoutTheFilesHasNoFigures(t *testing.T) {
	h := fstest.MapFS{netstatFile: file("TcpExt: A B\n"), sockstatFile: file("TCP: mem\n")}
	if len(counters(h)) != 0 || TCPPages(h) != 0 || lastNumber(h, "none") != 0 || descriptors(h) != 0 {
		t.Error("there are figures")
	}
}

func TestThisHostHasTheFiles(t *testing.T) {
	h := os.DirFS("/")
	if _, there := counters(h)["ListenOverflows"]; !there {
		t.Error("no ListenOverflows")
	}
	if lastNumber(h, tcpMemFile) == 0 {
		t.Error("no limit of the memory")
	}
}
