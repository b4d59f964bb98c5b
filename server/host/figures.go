package host

// Level is a quantity beside its limit.
type Level struct {
	Now     int64 `json:"now"`
	Highest int64 `json:"highest"`         // at a look, since the start
	Limit   int64 `json:"limit,omitempty"` // 0: none is known
}

// set takes a new value.
func (l *Level) set(now, limit int64) {
	l.Now, l.Highest, l.Limit = now, max(l.Highest, now), limit
}

// Figures are as of the last look. A level of 0 whose limit is 0 could not be read.
type Figures struct {
	AcceptQueue  Level  `json:"accept_queue"`        // connections that the kernel has accepted and the node has not
	Overflows    uint64 `json:"accept_overflows"`    // connections that found this queue full, since the start, of the network namespace
	Drops        uint64 `json:"accept_drops"`        // these, and others that a listening socket did not take
	Descriptors  Level  `json:"descriptors"`         // of the process
	GroupMemory  Level  `json:"cgroup_memory_bytes"` // of the control group that is nearest its limit, without reclaimable caches
	HeapMemory   Level  `json:"heap_bytes"`          // live, as of the last collection; the limit is GOMEMLIMIT
	KernelMemory Level  `json:"tcp_memory_bytes"`    // of all TCP sockets of the host; the limit is tcp_mem
}
