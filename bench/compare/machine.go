package main

import (
	"os"
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
