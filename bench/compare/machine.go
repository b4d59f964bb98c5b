package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// machine describes the host of a run, on which its figures depend.
type machine struct {
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
	Kernel  string `json:"kernel"`
	Memory  string `json:"memory"`
	LoadAvg string `json:"load_before"` // of 1, 5 and 15 minutes; on a shared machine it includes other work
}

func thisMachine() machine {
	var name unix.Utsname
	kernel := "unknown"
	if unix.Uname(&name) == nil {
		kernel = unix.ByteSliceToString(name.Sysname[:]) + " " + unix.ByteSliceToString(name.Release[:]) + " " + unix.ByteSliceToString(name.Machine[:])
	}
	load := strings.Fields(line("/proc/loadavg", ""))
	return machine{
		CPU: value("/proc/cpuinfo", "model name"), Cores: cores(), Kernel: kernel,
		Memory: value("/proc/meminfo", "MemTotal"), LoadAvg: strings.Join(load[:min(3, len(load))], " "),
	}
}

// cores counts the cores in /proc, since this process may use only one.
func cores() int {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.NumCPU()
	}
	return strings.Count(string(text), "processor\t:")
}

// line returns the first line of a file that begins with the given text.
func line(file, begin string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for l := range strings.Lines(string(text)) {
		if strings.HasPrefix(l, begin) {
			return strings.TrimSpace(l)
		}
	}
	return ""
}

// value returns the text after the colon of such a line.
func value(file, key string) string {
	_, v, _ := strings.Cut(line(file, key), ":")
	return strings.TrimSpace(v)
}

// commit returns the commit of the measured sources, with a plus if there are uncommitted changes.
func commit() string {
	head, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	changes, err := exec.Command("git", "status", "--porcelain", "--", ".", ":!*.md", ":!"+resultsDirectory).Output()
	if err != nil || len(changes) > 0 {
		return strings.TrimSpace(string(head)) + "+"
	}
	return strings.TrimSpace(string(head))
}

// checkFiles returns an error if a job needs more open files than this process may have.
func (p *plan) checkFiles() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	for _, j := range p.jobs {
		if need := uint64(j.Connections + directEnds + otherFiles); need > limit.Cur {
			return fmt.Errorf("%q needs %d open files and the limit is %d: raise it (ulimit -Sn, and -Hn)", j.Name, need, limit.Cur)
		}
	}
	return nil
}
