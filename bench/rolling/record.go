// Package rolling has the record of a rolling restart, and writes an HTML page about it: one file without references, for a browser
// without a network.
package rolling

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"momentum/bench/figures"
	"momentum/bench/jitter"
	"momentum/bench/nodes"
	"momentum/internal/output"
)

// How the nodes ended.
const (
	Drain = "drain"
	Kill  = "kill"
)

// Record is the record of a run: the clients of bench/jitter before a cluster whose nodes are replaced one after the other. Times are in
// seconds since the sending began.
type Record struct {
	Date       time.Time      `json:"date"`
	Commit     string         `json:"commit"`
	Host       nodes.Host     `json:"host"`
	How        string         `json:"how"`
	Nodes      int            `json:"nodes"`
	Clients    int            `json:"clients"`
	Directs    int            `json:"directs"`
	Broadcasts int            `json:"broadcasts"`
	Figures    jitter.Figures `json:"figures"`
	Restarts   []Restart      `json:"restarts"`
	Seconds    []Second       `json:"seconds"`

	// What is asked of the run.
	AwayLimit float64 `json:"away_limit_s"`        // longest time that a client may have no connection
	LeastMet  int     `json:"least_met,omitempty"` // fewest deliveries before the last node is ready again: others meet no restart
}

// Restart is the replacement of a node by a new one.
type Restart struct {
	Node   int     `json:"node"`     // from 1
	Signal float64 `json:"signal_s"` // the old node got the signal
	Gone   float64 `json:"gone_s"`   // it had ended
	Ready  float64 `json:"ready_s"`  // the new node was ready for clients
}

// Second is a jitter.Pulse, which is about a second.
type Second struct {
	At        float64 `json:"at_s"`
	Open      int     `json:"open"`
	Delivered int     `json:"delivered"`
	Slowest   float64 `json:"slowest_ms"`
}

// New returns the record of a run that begins now.
func New(how string) *Record {
	return &Record{Date: time.Now().UTC().Truncate(time.Second), Commit: figures.Commit(), Host: nodes.ThisHost(), How: how}
}

// Watch adds a Pulse.
func (r *Record) Watch(p jitter.Pulse) {
	second := Second{At: float64(p.At.Milliseconds()) / 1000, Open: p.Open, Delivered: p.Delivered, Slowest: float64(p.Slowest.Microseconds()) / 1000}
	r.Seconds = append(r.Seconds, second)
}

// Faults says why a run has failed: a client has not got every message once and in order, was locked out, or met no restart. The page and
// the test go by it.
func (r *Record) Faults() (faults []string) {
	f, away := &r.Figures, r.Figures.Away.Seconds()
	fault := func(is bool, format string, args ...any) {
		if is {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	fault(f.Delivered != f.Sent, "%d of %d messages were delivered", f.Delivered, f.Sent)
	fault(f.Twice > 0, "%d messages were delivered twice", f.Twice)
	fault(f.Unordered > 0, "%d messages were out of order", f.Unordered)
	fault(f.Gaps > 0, "the clients were told of %d gaps", f.Gaps)
	fault(f.Apart > 0, "%d clients are locked out in the end", f.Apart)
	fault(away > r.AwayLimit, "a client was away for %.1f s, which may be %.0f", away, r.AwayLimit)
	fault(len(r.Restarts) != r.Nodes, "%d of %d nodes were replaced", len(r.Restarts), r.Nodes)
	fault(f.Closed < r.Clients, "%d connections of %d clients ended", f.Closed, r.Clients)
	for i, one := range r.Restarts {
		open, _ := r.Since(i)
		fault(open >= r.Clients, "all %d clients were connected while node %d was replaced", r.Clients, one.Node)
	}
	fault(r.met() < r.LeastMet, "%d messages were delivered before all nodes were replaced, which should be %d", r.met(), r.LeastMet)
	return faults
}

// met is the number of deliveries before the last new node was ready.
func (r *Record) met() (deliveries int) {
	for _, s := range r.Seconds {
		if n := len(r.Restarts); n > 0 && s.At < r.Restarts[n-1].Ready {
			deliveries += s.Delivered
		}
	}
	return deliveries
}

// Since returns the fewest connections and the slowest delivery in milliseconds since the signal of a restart, until that of the next one.
// The second of the signal counts in any case.
func (r *Record) Since(restart int) (open int, slowest float64) {
	from, until := r.Restarts[restart].Signal, math.Inf(1)
	if restart+1 < len(r.Restarts) {
		until = r.Restarts[restart+1].Signal
	}
	open, began := r.Clients, 0.0
	for _, s := range r.Seconds {
		if s.At > from && (began <= from || s.At <= until) {
			open, slowest = min(open, s.Open), max(slowest, s.Slowest)
		}
		began = s.At
	}
	return open, slowest
}

// Save writes the record and its page into a directory, which it makes, and returns the path of the page.
func (r *Record) Save(directory string) (page string, err error) {
	content, err := r.Page()
	if err != nil {
		return "", err
	}
	if err := figures.Save(directory, r.file(".json"), r); err != nil {
		return "", err
	}
	page = filepath.Join(directory, r.file(".html"))
	return page, output.Write(page, content, os.Stdout)
}

func (r *Record) file(extension string) string {
	return r.Date.Format("2006-01-02T150405Z") + "-" + r.How + extension
}
