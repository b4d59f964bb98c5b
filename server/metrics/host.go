package metrics

import "momentum/server/host"

var (
	acceptQueue  = gauge("host_accept_queue", "Connections that the kernel has accepted and the node has not.", "level")
	overflows    = counter("host_accept_overflows", "Connections that found the accept queue of a socket full, in the network namespace, since the start.")
	drops        = counter("host_accept_drops", "These, and others that a listening socket did not take.")
	descriptors  = gauge("host_descriptors", "Descriptors of the process. 0: Linux is older than 6.2; see process_open_fds.", "level")
	groupMemory  = gauge("host_cgroup_memory_bytes", "Memory of the control group that is nearest its limit, without reclaimable caches.", "level")
	heapMemory   = gauge("host_heap_bytes", "Live heap, as of the last collection; the limit is GOMEMLIMIT.", "level")
	kernelMemory = gauge("host_tcp_memory_bytes", "Memory of all TCP sockets of the host; the limit is the last number of tcp_mem.", "level")
)

// collectHost sends the levels of the host: as of the last look, the highest since the start, and the limit, which is 0 if none is known.
func collectHost(s sink, f *host.Figures) {
	if f == nil {
		f = new(host.Figures)
	}
	for _, one := range []struct {
		family family
		level  host.Level
	}{
		{acceptQueue, f.AcceptQueue}, {descriptors, f.Descriptors}, {groupMemory, f.GroupMemory}, {heapMemory, f.HeapMemory}, {kernelMemory, f.KernelMemory},
	} {
		number(s, one.family, one.level.Now, "now")
		number(s, one.family, one.level.Highest, "highest")
		number(s, one.family, one.level.Limit, "limit")
	}
	number(s, overflows, f.Overflows)
	number(s, drops, f.Drops)
}
