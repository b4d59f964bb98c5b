package doctor

import (
	"fmt"
	"io/fs"
	"math"

	"momentum/server/host"
)

// available returns the memory of the host that is free or can be freed; 0 if it is not known.
func available(files fs.FS) int64 {
	if n, known := field(files, "proc/meminfo", "MemAvailable:"); known {
		return n << 10
	}
	if total := host.TotalMemory(files); total < math.MaxInt64 {
		return total
	}
	return 0
}

// Memories examines the limits on memory.
func Memories(files fs.FS, n *Node) (all []Finding) {
	const subject = "memory"
	limit, used := tightest(files, n.Process)
	share := max(limit*8/10>>20, 1)
	switch {
	case n.GoMemoryHidden:
		all = append(all, warning(subject, nil, "GOMEMLIMIT of process %s cannot be read: run the doctor as root, or as the user of the process", n.Process))
	case limit == 0 && n.GoMemory == 0:
		all = append(all, ok(subject, "neither a control group nor GOMEMLIMIT limits it"))
	case limit == 0:
		all = append(all, ok(subject, "GOMEMLIMIT is %d MiB", n.GoMemory>>20))
	case n.GoMemory == 0:
		all = append(all, warning(subject, inUnit(fmt.Sprintf("Environment=GOMEMLIMIT=%dMiB", share)),
			"the control group may use %d MiB, and GOMEMLIMIT is not set: garbage can fill the group, and the kernel then kills the server", limit>>20))
	case n.GoMemory >= limit:
		all = append(all, problem(subject, inUnit(fmt.Sprintf("Environment=GOMEMLIMIT=%dMiB", share)),
			"GOMEMLIMIT of %d MiB is not below the %d MiB of the control group: the kernel kills the server before it saves memory", n.GoMemory>>20, limit>>20))
	default:
		all = append(all, ok(subject, "the control group may use %d MiB, and GOMEMLIMIT is %d MiB", limit>>20, n.GoMemory>>20))
	}
	if limit > 0 && used*100 > limit*fullGroup {
		all = append(all, problem(subject, inUnit(fmt.Sprintf("MemoryMax=%dM", limit>>19)), "%d of %d MiB of the control group are in use", used>>20, limit>>20))
	}
	if there := available(files); n.Goal > 0 && there > 0 && there < int64(n.Goal)*hostEach {
		all = append(all, problem(subject, inSettings(fmt.Sprintf("WS_MAX_CONNECTIONS=%d", there/hostEach)),
			"%d MiB are available on the host, and %d connections take %d MiB", there>>20, n.Goal, int64(n.Goal)*hostEach>>20))
	}
	return all
}
