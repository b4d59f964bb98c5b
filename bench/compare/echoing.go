package main

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// tally is what a player has counted since the last clear.
type tally struct {
	count   int64
	latency *hdrhistogram.Histogram // nanoseconds
}

func newTally() *tally {
	return &tally{latency: hdrhistogram.New(1, int64(time.Minute), 3)}
}

func (t *tally) add(took time.Duration) {
	t.count++
	_ = t.latency.RecordValue(int64(took)) // a latency above a minute has already failed for another reason
}

func (t *tally) clear() {
	t.count = 0
	t.latency.Reset()
}

// micros returns a percentile of the latency in microseconds.
func (t *tally) micros(percent float64) float64 {
	return float64(t.latency.ValueAtQuantile(percent)) / float64(time.Microsecond)
}

// echoing is a player that always has one message of every connection outstanding.
type echoing struct {
	*tally
	frame []byte
}

func (e *echoing) begin(f *fleet) error {
	now := time.Now()
	for i := range f.conns {
		if err := f.conns[i].send(e.frame, now); err != nil {
			return err
		}
	}
	return nil
}

func (e *echoing) message(_ *fleet, c *conn, _ int, now time.Time) error {
	e.add(now.Sub(c.sent))
	return c.send(e.frame, now)
}

func (e *echoing) flush(*fleet) error { return nil }
