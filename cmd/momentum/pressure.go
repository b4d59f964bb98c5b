package main

import (
	"errors"
	"io/fs"
	"math"
	"path"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
)

// Shares, in percent, of what memory there is from which new connections are better off elsewhere.
const (
	// fullHeap is of GOMEMLIMIT, and counts what is live only: the collector lets garbage fill the rest at any time,
	// and above this share it works more than the server does.
	fullHeap = 85

	// fullGroup is of the cgroup's limit, which counts the kernel's socket buffers too. Beyond it the kernel kills.
	fullGroup = 92
)

// pressure knows how much of it this process may take.
type pressure struct {
	root  fs.FS
	group string // the directory of our cgroup (v2), or empty
	most  int64  // of the cgroup; 0: no limit
	limit func() int64
	live  func() int64
}

// newPressure looks for limits in the file system that root is.
func newPressure(root fs.FS) *pressure {
	m := &pressure{root: root, limit: func() int64 { return debug.SetMemoryLimit(-1) }, live: liveHeap}
	membership, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return m
	}
	for line := range strings.Lines(string(membership)) {
		if own, v2 := strings.CutPrefix(line, "0::"); v2 {
			m.group = path.Join("sys/fs/cgroup", strings.TrimSpace(own))
		}
	}
	m.most, _ = m.number("memory.max") // "max" is no limit
	return m
}

// err says that there is little memory left, or nil.
func (m *pressure) err() error {
	if limit := m.limit(); limit < math.MaxInt64 && beyond(m.live(), limit, fullHeap) {
		return errors.New("the live heap nears GOMEMLIMIT")
	}
	if m.most == 0 {
		return nil
	}
	used, ok := m.number("memory.current")
	if ok && beyond(used-m.reclaimable(), m.most, fullGroup) {
		return errors.New("the cgroup nears its memory limit")
	}
	return nil
}

// beyond says whether used is at or above a share of all, in percent.
func beyond(used, all int64, share int64) bool {
	return float64(used)*100 >= float64(all)*float64(share)
}

// reclaimable is what the kernel counts as used and gives up when asked: files that were read.
func (m *pressure) reclaimable() int64 {
	stat, err := fs.ReadFile(m.root, path.Join(m.group, "memory.stat"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(stat)) {
		if text, ok := strings.CutPrefix(line, "inactive_file "); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
			return n
		}
	}
	return 0
}

// number reads a file of the cgroup that holds one.
func (m *pressure) number(name string) (n int64, ok bool) {
	if m.group == "" {
		return 0, false
	}
	text, err := fs.ReadFile(m.root, path.Join(m.group, name))
	if err != nil {
		return 0, false
	}
	n, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}

// liveHeap is what the last collection found in use.
func liveHeap() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(sample[0].Value.Uint64())
}
