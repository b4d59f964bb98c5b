// Package report writes an HTML page about a record: one file without references, for a browser without a network.
package report

import (
	_ "embed"

	"momentum/bench/load"
	"momentum/bench/plot"
)

//go:embed page.html
var page string

// Page returns the page.
func Page(r *load.Record) ([]byte, error) { return plot.Page(page, viewOf(r)) }
