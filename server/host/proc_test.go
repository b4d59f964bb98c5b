package host

import (
	"os"
	"testing"
	"testing/fstest"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

const columns = "  sl  local_address rem_address   st tx_queue rx_queue\n"

// example is a host as proc(5) describes it.
func example() fstest.MapFS {
	return fstest.MapFS{
		netstatFile: file("TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 1 20 30\nIpExt: ListenDrops\nIpExt: 9\n"),
		"proc/self/net/tcp": file(columns + "   0: 0100007F:1F40 00000000:0000 0A 00000000:00000007 00:0\n" +
			"   1: 00000000:0016 00000000:0000 0A 00000000:00000001 00:0\n" +
			"   2: 0100007F:1F40 0100007F:9999 01 00000000:00000063 00:0\n" +
			"   3: 0100007F:1F40 00000000:0000 0A 00000000:00000063 00:0\n"),
		"proc/self/net/tcp6": file(columns + "   0: 00000000000000000000000000000000:1F40 00000000000000000000000000000000:0000 0A 00000000:0000000A 00:0\n"),
		sockstatFile:         file("sockets: used 19\nTCP: inuse 1 orphan 0 tw 295 alloc 1 mem 12\nUDP: inuse 0 mem 5\n"),
		tcpMemFile:           file("100\t200\t300\n"),
		backlogFile:          file("4096\n"),
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
	if n := acceptQueue(h, 8000); n != 17 { // what comes after the listening sockets is not read
		t.Errorf("%d connections wait", n)
	}
	if pages, most, backlog := TCPPages(h), lastNumber(h, tcpMemFile), lastNumber(h, backlogFile); pages != 12 || most != 300 || backlog != 4096 {
		t.Errorf("%d pages of %d, a backlog of %d", pages, most, backlog)
	}
}

func TestAHostWithoutTheFilesHasNoFigures(t *testing.T) {
	h := fstest.MapFS{netstatFile: file("TcpExt: A B\n"), sockstatFile: file("TCP: mem\n"), "proc/self/net/tcp": file("")}
	if len(counters(h)) != 0 || acceptQueue(h, 1) != 0 || TCPPages(h) != 0 || lastNumber(h, "none") != 0 || descriptors(h) != 0 {
		t.Error("there are figures")
	}
}

func TestThisHostHasTheFiles(t *testing.T) {
	h := os.DirFS("/")
	if _, there := counters(h)["ListenOverflows"]; !there {
		t.Error("no ListenOverflows")
	}
	if lastNumber(h, tcpMemFile) == 0 || lastNumber(h, backlogFile) == 0 {
		t.Error("no limits")
	}
}
