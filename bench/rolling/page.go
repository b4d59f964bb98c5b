package rolling

import (
	_ "embed"
	"fmt"
	"html/template"
	"math"

	"momentum/bench/plot"
)

//go:embed page.html
var page string

// view is the content of the page.
type view struct {
	*Record
	Title  string
	Faults []string
	Plots  []template.HTML
	Rows   []row
}

// row is a restart in the table.
type row struct {
	Restart
	Open    int     // fewest connections
	Slowest float64 // delivery, in seconds
}

// Duration is the time from the signal until the new node was ready.
func (r Restart) Duration() float64 { return r.Ready - r.Signal }

// Lost is the number of messages that were not delivered.
func (v *view) Lost() int { return v.Figures.Sent - v.Figures.Delivered }

// Away is the longest time that a client had no connection, in seconds.
func (v *view) Away() float64 { return v.Figures.Away.Seconds() }

// Started is the time at which the run began.
func (v *view) Started() string { return v.Date.Format("2 January 2006, 15:04 UTC") }

// Page returns the page.
func (r *Record) Page() ([]byte, error) {
	v := &view{Record: r, Title: "Rolling restart: each node drained", Faults: r.Faults(), Plots: r.plots()}
	if r.How == Kill {
		v.Title = "Rolling restart: each node killed (kill -9)"
	}
	for i, one := range r.Restarts {
		open, slowest := r.Since(i)
		v.Rows = append(v.Rows, row{one, open, slowest / 1000})
	}
	return plot.Page(page, v)
}

// plots draws the seconds, with a band for each restart.
func (r *Record) plots() (drawn []template.HTML) {
	open := plot.Curve{Name: "open connections", Filled: true}
	delivered, slowest := plot.Curve{Name: "deliveries"}, plot.Curve{Name: "slowest delivery"}
	last := 0.0
	for _, s := range r.Seconds {
		open.Add(s.At, float64(s.Open))
		delivered.Add(s.At, math.Round(float64(s.Delivered)/(s.At-last)))
		slowest.Add(s.At, s.Slowest/1000)
		last = s.At
	}
	if len(r.Seconds) == 0 {
		return nil
	}
	var bands []plot.Band
	for _, one := range r.Restarts {
		bands = append(bands, plot.Band{Name: fmt.Sprintf("node %d: %.1f s", one.Node, one.Duration()), From: one.Signal, To: one.Ready})
	}
	for _, p := range []plot.Plot{
		{Title: "Connections", Subtitle: "the fewest in each second", Curves: []plot.Curve{open}},
		{Title: "Deliveries", Subtitle: "a second", YUnit: "/s", Curves: []plot.Curve{delivered}},
		{Title: "Slowest delivery", Subtitle: "in each second, since the message was first sent", YUnit: "s", Curves: []plot.Curve{slowest}},
	} {
		p.XUnit, p.Until, p.Bands = "s", last, bands
		drawn = append(drawn, p.Draw())
	}
	return drawn
}
