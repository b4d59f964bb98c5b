package load

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// effort is the work of this program during some time, in nanoseconds.
type effort struct {
	span    int64
	work    int64 // the loop ran on a core
	wait    int64 // the loop was ready to run and waited for a core
	turns   int64 // how often the loop was scheduled
	process int64 // CPU time of the whole program
}

func (e *effort) add(o effort) {
	e.span += o.span
	e.work += o.work
	e.wait += o.wait
	e.turns += o.turns
	e.process += o.process
}

// busy is the share of the time during which the loop did not wait for the server.
func (e *effort) busy() float64 { return float64(e.work+e.wait) / float64(max(1, e.span)) }

// cpu is the CPU time of this program, in cores.
func (e *effort) cpu() float64 { return float64(e.process) / float64(max(1, e.span)) }

// meter measures whether the generator kept up. Windows without any event do not count: while a storm waits for
// Retry-After, or after the last message, even an overloaded generator would look idle.
type meter struct {
	schedstat              *os.File // of the loop's thread; nil if this kernel has none
	last                   effort   // since the run began
	handshakes, deliveries effort
}

// begin must be called on the loop's thread.
func (m *meter) begin(now int64) {
	m.schedstat, _ = os.Open("/proc/thread-self/schedstat") // missing without CONFIG_SCHED_INFO
	m.sample(now)
}

func (m *meter) close() { m.schedstat.Close() } // for a nil file this is an error, which does not matter

// sample returns the effort since the last call. now is the time since the run began.
func (m *meter) sample(now int64) effort {
	var all unix.Rusage
	var work unix.Timespec
	_ = unix.Getrusage(unix.RUSAGE_SELF, &all) // neither of the two calls can fail
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &work)
	total := effort{span: now, work: work.Nano(), process: all.Utime.Nano() + all.Stime.Nano()}
	total.wait, total.turns = m.runQueue()
	since := effort{
		total.span - m.last.span, total.work - m.last.work, total.wait - m.last.wait,
		total.turns - m.last.turns, total.process - m.last.process,
	}
	m.last = total
	return since
}

// runQueue reads the second and third field of schedstat (sched-stats.rst of Linux): nanoseconds that the thread waited
// for a core, and how often it got one.
func (m *meter) runQueue() (ns, turns int64) {
	var text [64]byte
	if m.schedstat == nil {
		return 0, 0
	}
	n, _ := m.schedstat.ReadAt(text[:], 0)
	fields := bytes.Fields(text[:n])
	if len(fields) < 3 {
		return 0, 0
	}
	ns, _ = strconv.ParseInt(string(fields[1]), 10, 64)
	turns, _ = strconv.ParseInt(string(fields[2]), 10, 64)
	return ns, turns
}
