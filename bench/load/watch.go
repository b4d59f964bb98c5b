package load

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// busyBound is the share of the time that the loop may be at work. Above it the loop was hardly ever waiting
	// for the server, so that what was measured is this program. Time in which other programs had its core counts
	// as work: a generator that is not let run is as little use as a slow one.
	busyBound = 0.95

	// latenessBound is how late messages may be sent (p99), unless the deliveries take far longer than that.
	latenessBound = 5 * time.Millisecond

	// latenessShare is the part of the delivery latency that may be this program's own lateness.
	latenessShare = 0.25
)

// watch tells whether the generator kept up.
type watch struct {
	idle      int64 // nanoseconds the loop has waited, so far
	from      mark
	until     mark
	cpuSpan   time.Duration
	idleSpan  time.Duration
	measuring time.Duration
}

type mark struct {
	at, idle int64
	cpu      time.Duration
}

func (w *watch) mark(now int64) mark { return mark{now, w.idle, ownCPU()} }

func (w *watch) begin(now int64) { w.from = w.mark(now) }

func (w *watch) end(now int64) {
	w.until = w.mark(now)
	w.measuring = time.Duration(now - w.from.at)
	w.cpuSpan = w.until.cpu - w.from.cpu
	w.idleSpan = time.Duration(w.until.idle - w.from.idle)
}

// busy is the share of the measured time in which the loop was not waiting.
func (w *watch) busy() float64 {
	if w.measuring <= 0 {
		return 0
	}
	return 1 - float64(w.idleSpan)/float64(w.measuring)
}

// cpu is the CPU time of this process over the measured time, in cores.
func (w *watch) cpu() float64 {
	if w.measuring <= 0 {
		return 0
	}
	return float64(w.cpuSpan) / float64(w.measuring)
}

// bottleneck says why the result is about this program and not about the server. Empty: it is not.
func (f *fleet) bottleneck() []string {
	var why []string
	if busy := f.watch.busy(); busy > busyBound {
		why = append(why, fmt.Sprintf("the generator's loop was at work %.1f %% of the time (at most %.0f %%): it, not the server, set the pace", busy*100, busyBound*100))
	}
	late := time.Duration(f.traffic.lateness.whole.ValueAtPercentile(99))
	took := time.Duration(f.traffic.delivery.whole.ValueAtPercentile(99))
	if late > latenessBound && float64(late) > latenessShare*float64(took) {
		why = append(why, fmt.Sprintf("the generator sent messages %v late (p99), which is in every latency", late.Round(time.Microsecond)))
	}
	return why
}

// ownCPU is what this process has used, in user and kernel.
func ownCPU() time.Duration {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
