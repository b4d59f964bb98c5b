package main

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// tally is what a player has counted since it was last cleared.
type tally struct {
	count   int64
	latency *hdrhistogram.Histogram // nanoseconds
}

func newTally() *tally {
	return &tally{latency: hdrhistogram.New(1, int64(time.Minute), 3)}
}

func (t *tally) add(took time.Duration) {
	t.count++
	_ = t.latency.RecordValue(int64(took)) // what is beyond a minute has failed otherwise before
}

func (t *tally) clear() {
	t.count = 0
	t.latency.Reset()
}

// micros is a quantile of the latency in microseconds.
func (t *tally) micros(percent float64) float64 {
	return float64(t.latency.ValueAtQuantile(percent)) / float64(time.Microsecond)
}

// echoing has one message of every connection on its way all the time.
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

func (e *echoing) turned(*fleet) error { return nil }
