package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// result is the measurement of a benchmark.
type result struct {
	sent, received int
	refused        map[string]int          // pings that the server refused, by the error
	interrupted    bool                    // by the user: pings without an answer were under way
	latency        *hdrhistogram.Histogram // in microseconds, from when a ping was due
	first, last    time.Time               // when the first ping was due, and when the last answer came
}

func newResult() *result {
	// From a microsecond to a minute, to three digits.
	return &result{refused: make(map[string]int), latency: hdrhistogram.New(1, time.Minute.Microseconds(), 3)}
}

// pong counts the pong to a ping that was due at due.
func (r *result) pong(due, at time.Time) {
	if r.first.IsZero() || due.Before(r.first) {
		r.first = due
	}
	r.last = at
	r.received++
	micros := min(max(at.Sub(due).Microseconds(), 1), r.latency.HighestTrackableValue())
	_ = r.latency.RecordValue(micros) // the value is in range
}

// refuse counts an error. A server that does not read a message, such as one above the rate limit, cannot say which
// message it was: then the error has no ref_id.
func (r *result) refuse(answer *message) {
	var data errorData
	if json.Unmarshal(answer.Data, &data) != nil || data.Code == "" {
		data.Code = compact(answer.Data)
	}
	data.RefID = ""
	r.refused[data.text()]++
}

func (r *result) refusals() int {
	n := 0
	for _, count := range r.refused {
		n += count
	}
	return n
}

// answers is the number of pings that were answered, by a pong or by an error.
func (r *result) answers() int { return r.received + r.refusals() }

// lost is the number of pings without a pong. After an interrupt, a ping without any answer is not lost: it was under
// way.
func (r *result) lost() int {
	if r.interrupted {
		return r.refusals()
	}
	return r.sent - r.received
}

func (r *result) print(out io.Writer) {
	fmt.Fprintf(out, "sent        %d\nreceived    %d\nlost        %d\n", r.sent, r.received, r.lost())
	for _, why := range slices.Sorted(maps.Keys(r.refused)) {
		fmt.Fprintf(out, "refused     %d of these: %s\n", r.refused[why], oneLine(why))
	}
	if r.interrupted {
		fmt.Fprintf(out, "interrupted: %d had no answer yet\n", max(0, r.sent-r.answers()))
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
