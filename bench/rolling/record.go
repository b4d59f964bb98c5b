// Package rolling has the record of a rolling restart, and writes an HTML page about it: one file without references, for a browser
// without a network.
package rolling

import (
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

// Clean reports whether each client got every message once and in order, and none is locked out.
func (r *Record) Clean() bool {
	f := &r.Figures
	return f.Delivered == f.Sent && f.Twice == 0 && f.Unordered == 0 && f.Gaps == 0 && f.Apart == 0 && len(r.Restarts) == r.Nodes
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
