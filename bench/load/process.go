package load

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// ticksPerSecond is the unit of the CPU times in /proc. It is 100 on every Linux that Go runs on.
const ticksPerSecond = 100

// process reads a process's CPU time and memory from /proc.
type process struct {
	stat, statm string
	page        int64
	at          time.Time
	cpu         time.Duration
}

func newProcess(pid int) (*process, error) {
	p := &process{stat: fmt.Sprintf("/proc/%d/stat", pid), statm: fmt.Sprintf("/proc/%d/statm", pid), page: int64(os.Getpagesize())}
	cpu, err := p.cpuTime()
	if err != nil {
		return nil, fmt.Errorf("--server-pid %d: %w", pid, err)
	}
	p.at, p.cpu = time.Now(), cpu
	return p, nil
}

// look returns the cores in use since the look before, and the resident bytes. -1: not known, because the process is
// gone or the look before was too short ago.
func (p *process) look(now time.Time) (cores float64, resident int64) {
	cpu, err := p.cpuTime()
	if err != nil {
		return -1, -1
	}
	span := now.Sub(p.at)
	if span < processInterval/2 {
		return -1, p.resident()
	}
	cores = float64(cpu-p.cpu) / float64(span)
	p.at, p.cpu = now, cpu
	return cores, p.resident()
}

// cpuTime adds utime and stime, fields 14 and 15 (proc_pid_stat(5)). The second field is a name in parentheses
// which may have spaces in it.
func (p *process) cpuTime() (time.Duration, error) {
	text, err := os.ReadFile(p.stat)
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("%s has only %d fields", p.stat, len(fields))
	}
	user, err1 := strconv.ParseInt(string(fields[11]), 10, 64)
	system, err2 := strconv.ParseInt(string(fields[12]), 10, 64)
	if err1 != nil || err2 != nil {
		return 0, fmt.Errorf("%s: CPU times are no numbers", p.stat)
	}
	return time.Duration(user+system) * time.Second / ticksPerSecond, nil
}

func (p *process) resident() int64 {
	text, err := os.ReadFile(p.statm)
	fields := bytes.Fields(text)
	if err != nil || len(fields) < 2 {
		return -1
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return -1
	}
	return pages * p.page
}
