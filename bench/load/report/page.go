// Package report writes an HTML page about a record: one file without references, for a browser without a network.
package report

import (
	"bytes"
	_ "embed"
	"html/template"

	"momentum/bench/load"
)

//go:embed page.html
var page string

// Page returns the page.
func Page(r *load.Record) ([]byte, error) {
	t, err := template.New("page").Parse(page)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, viewOf(r)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
