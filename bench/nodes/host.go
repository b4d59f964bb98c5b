package nodes

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Host describes the machine of a run, on which its figures depend.
type Host struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Kernel string `json:"kernel"`
	Memory string `json:"memory"`
	Load   string `json:"load_before"` // of 1, 5 and 15 minutes; on a shared machine it includes other work
}

// ThisHost describes this machine.
func ThisHost() Host {
	var name unix.Utsname
	_ = unix.Uname(&name) // it fails for no address of ours
	text, _ := os.ReadFile("/proc/loadavg")
	load := strings.Fields(string(text) + " ? ? ?")
	return Host{
		CPU: value("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), Kernel: unix.ByteSliceToString(name.Release[:]),
		Memory: value("/proc/meminfo", "MemTotal"), Load: strings.Join(load[:3], " "),
	}
}

// Memory is the host's memory in bytes.
type Memory struct {
	Available int64 // for programs, without swapping
	Used      int64 // not available
	Slab      int64 // of the kernel's objects, such as sockets
}

// ReadMemory returns the host's memory now.
func ReadMemory() (m Memory, err error) {
	total, err := kilobytes("MemTotal")
	if err != nil {
		return m, err
	}
	if m.Available, err = kilobytes("MemAvailable"); err != nil {
		return m, err
	}
	m.Slab, err = kilobytes("Slab")
	m.Used = total - m.Available
	return m, err
}

func kilobytes(name string) (int64, error) {
	text, _, _ := strings.Cut(value("/proc/meminfo", name+":"), " ")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("/proc/meminfo has no %s", name)
	}
	return n << 10, nil
}

// value returns the text after the colon in the first line of a file that begins with a key.
func value(file, key string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, key) {
			_, v, _ := strings.Cut(line, ":")
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// RaiseFiles raises the limit of open files to what is allowed, and returns it.
func RaiseFiles() (int, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	limit.Cur = limit.Max
	return int(limit.Cur), unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
}
