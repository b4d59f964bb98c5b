package load

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// effort is what this program did in some time, in nanoseconds.
type effort struct {
	span    int64
	work    int64 // the loop was on a core
	wait    int64 // the loop was ready to run and other programs had its core
	turns   int64 // how often the loop got a core
	process int64 // CPU time of the whole program
}

func (e *effort) add(o effort) {
	e.span += o.span
	e.work += o.work
	e.wait += o.wait
	e.turns += o.turns
	e.process += o.process
}

// busy is the share of the time in which the loop was not waiting for the server.
func (e *effort) busy() float64 { return float64(e.work+e.wait) / float64(max(1, e.span)) }

// cpu is the CPU time of this program, in cores.
func (e *effort) cpu() float64 { return float64(e.process) / float64(max(1, e.span)) }

// watch tells whether the generator kept up. Windows in which nothing was measured count for nothing: a storm that waits
// for Retry-After, or the quiet behind the last message, would make a generator look idle that was at its limit.
type meter struct {
	schedstat              *os.File // of the loop's thread; nil: this kernel does not tell what a thread waits for
	last                   effort   // since the beginning
	handshakes, deliveries effort
}

// begin is called on the loop's thread.
func (w *meter) begin(now int64) {
	w.schedstat, _ = os.Open("/proc/thread-self/schedstat") // without CONFIG_SCHED_INFO there is none
	w.sample(now)
}

func (w *meter) close() { w.schedstat.Close() } // a nil file says so, and nobody listens

// look returns the effort since the look before. now is the span since the run began.
func (w *meter) sample(now int64) effort {
	var all unix.Rusage
	var work unix.Timespec
	_ = unix.Getrusage(unix.RUSAGE_SELF, &all) // neither can fail
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &work)
	total := effort{span: now, work: work.Nano(), process: all.Utime.Nano() + all.Stime.Nano()}
	total.wait, total.turns = w.runQueue()
	since := effort{
		total.span - w.last.span, total.work - w.last.work, total.wait - w.last.wait,
		total.turns - w.last.turns, total.process - w.last.process,
	}
	w.last = total
	return since
}

// waited reads the second and third field of schedstat (sched-stats.rst of Linux): nanoseconds on the run queue, and how
// often the thread has come from there to a core.
func (w *meter) runQueue() (ns, turns int64) {
	var text [64]byte
	if w.schedstat == nil {
		return 0, 0
	}
	n, _ := w.schedstat.ReadAt(text[:], 0)
	fields := bytes.Fields(text[:n])
	if len(fields) < 3 {
		return 0, 0
	}
	ns, _ = strconv.ParseInt(string(fields[1]), 10, 64)
	turns, _ = strconv.ParseInt(string(fields[2]), 10, 64)
	return ns, turns
}
