package host

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// The files of the kernel (proc(5)).
const (
	netstatFile  = "proc/self/net/netstat"
	sockstatFile = "proc/self/net/sockstat"
	tcpMemFile   = "proc/sys/net/ipv4/tcp_mem"
	backlogFile  = "proc/sys/net/core/somaxconn"
	openFiles    = "proc/self/fd"
)

// listening is the state of a listening socket in proc/net/tcp.
const listening = "0A"

// counters returns the values of TcpExt in proc/net/netstat, by name. They stand in two lines: names, then values.
func counters(host fs.FS) map[string]uint64 {
	text, _ := fs.ReadFile(host, netstatFile)
	all := make(map[string]uint64)
	var names []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != "TcpExt:" {
			continue
		}
		if names == nil {
			names = fields
			continue
		}
		for i, value := range fields[:min(len(fields), len(names))] {
			if n, err := strconv.ParseUint(value, 10, 64); err == nil {
				all[names[i]] = n
			}
		}
	}
	return all
}

// Overflows returns how many connections have found the accept queue full, since the network namespace was made.
func Overflows(host fs.FS) uint64 { return counters(host)["ListenOverflows"] }

// acceptQueue returns how many connections wait to be accepted on a port. The kernel lists listening sockets first, so it reads no
// more than these, however many connections there are.
func acceptQueue(host fs.FS, port int) (waiting int64) {
	want := fmt.Sprintf(":%04X", port)
	for _, name := range []string{"proc/self/net/tcp", "proc/self/net/tcp6"} {
		file, err := host.Open(name)
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(file)
		lines.Scan() // the names of the columns
		for lines.Scan() {
			fields := strings.Fields(lines.Text())
			if len(fields) < 5 || fields[3] != listening {
				break
			}
			if !strings.HasSuffix(fields[1], want) {
				continue
			}
			_, queued, _ := strings.Cut(fields[4], ":") // of a listening socket, the connections that wait
			n, _ := strconv.ParseInt(queued, 16, 64)
			waiting += n
		}
		_ = file.Close()
	}
	return waiting
}

// TCPPages returns the memory of all TCP sockets, in pages.
func TCPPages(host fs.FS) int64 {
	text, _ := fs.ReadFile(host, sockstatFile)
	for line := range bytes.Lines(text) {
		fields := strings.Fields(string(line))
		if len(fields) > 0 && fields[0] == "TCP:" {
			for i := 1; i+1 < len(fields); i += 2 {
				if fields[i] == "mem" {
					n, _ := strconv.ParseInt(fields[i+1], 10, 64)
					return n
				}
			}
		}
	}
	return 0
}

// lastNumber returns the last number in a file; 0 if there is none.
func lastNumber(host fs.FS, name string) int64 {
	text, _ := fs.ReadFile(host, name)
	fields := strings.Fields(string(text))
	if len(fields) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(fields[len(fields)-1], 10, 64)
	return n
}

// descriptors returns how many descriptors the process has open. Linux says so from 6.2 on; before, it is 0.
func descriptors(host fs.FS) int64 {
	about, err := fs.Stat(host, openFiles)
	if err != nil {
		return 0
	}
	return about.Size()
}
