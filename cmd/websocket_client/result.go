package main

import (
	"fmt"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// result is what a benchmark measured.
type result struct {
	sent, received, refused int
	why                     string                  // what the server said when it last refused a ping
	latency                 *hdrhistogram.Histogram // microseconds from when a ping was due
	first, last             time.Time               // the first ping that was due, the last answer
}

func newResult() *result {
	// From a microsecond to a minute, to three digits.
	return &result{latency: hdrhistogram.New(1, time.Minute.Microseconds(), 3)}
}

// add counts the answer to a ping that was due at due: a pong, or an error that refuses it.
func (r *result) add(answer *message, due, at time.Time) {
	if r.first.IsZero() || due.Before(r.first) {
		r.first = due
	}
	r.last = at
	if answer.Type != "pong" {
		r.refused++
		r.why, _ = answer.says()
		return
	}
	r.received++
	micros := min(max(at.Sub(due).Microseconds(), 1), r.latency.HighestTrackableValue())
	_ = r.latency.RecordValue(micros) // it is within the bounds
}

// answers is how many pings have been answered one way or the other.
func (r *result) answers() int { return r.received + r.refused }

// lost is how many pings no pong came for.
func (r *result) lost() int { return r.sent - r.received }

func (r *result) print(out io.Writer) {
	fmt.Fprintf(out, "sent        %d\nreceived    %d\nlost        %d\n", r.sent, r.received, r.lost())
	if r.refused > 0 {
		fmt.Fprintf(out, "refused     %d of these (%s)\n", r.refused, oneLine(r.why))
	}
	if r.received == 0 {
		return
	}
	took := r.last.Sub(r.first).Seconds()
	fmt.Fprintf(out, "throughput  %.1f messages/s over %.3f s\n", float64(r.received)/took, took)
	for _, row := range []struct {
		name   string
		micros int64
	}{
		{"p50", r.latency.ValueAtQuantile(50)},
		{"p90", r.latency.ValueAtQuantile(90)},
		{"p99", r.latency.ValueAtQuantile(99)},
		{"max", r.latency.Max()},
	} {
		fmt.Fprintf(out, "latency %s %.3f ms\n", row.name, float64(row.micros)/1000)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
