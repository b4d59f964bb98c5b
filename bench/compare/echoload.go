package main

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// tally counts messages and their latencies since it was last cleared.
type tally struct {
	count   int64
	latency *hdrhistogram.Histogram // nanoseconds
}

func newTally() *tally {
	return &tally{latency: hdrhistogram.New(1, int64(time.Minute), 3)}
}

func (t *tally) add(took time.Duration) {
	t.count++
	_ = t.latency.RecordValue(int64(took)) // it is below a minute, or the job has failed
}

func (t *tally) clear() {
	t.count = 0
	t.latency.Reset()
}

// micros returns a percentile of the latency in microseconds.
func (t *tally) micros(percent float64) float64 {
	return float64(t.latency.ValueAtQuantile(percent)) / float64(time.Microsecond)
}

// echoLoad has one message of every connection on its way all the time.
type echoLoad struct {
	*tally
	frame []byte
}

func (e *echoLoad) begin(f *fleet) error {
	now := time.Now()
	for i := range f.conns {
		if err := f.conns[i].send(e.frame, now); err != nil {
			return err
		}
	}
	return nil
}

func (e *echoLoad) received(_ *fleet, c *conn, now time.Time) error {
	e.add(now.Sub(c.sent))
	return c.send(e.frame, now)
}

func (e *echoLoad) afterReads(*fleet) error { return nil }
