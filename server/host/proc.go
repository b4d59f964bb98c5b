package host

import (
	"bytes"
	"io/fs"
	"strconv"
	"strings"
)

// The files of the kernel (proc(5)).
const (
	netstatFile  = "proc/self/net/netstat"
	sockstatFile = "proc/self/net/sockstat"
	tcpMemFile   = "proc/sys/net/ipv4/tcp_mem"
	openFiles    = "proc/self/fd"
)

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
