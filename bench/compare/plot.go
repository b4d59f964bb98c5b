package main

import (
	"fmt"
	"strings"
)

// Measures of a plot, in pixels.
const (
	plotWidth  = 640
	labelWidth = 130
	valueWidth = 90
	barHeight  = 18
	rowHeight  = 26
	titleSpace = 40
)

// plot draws a job's first metric, which is reliable on a shared machine, as a bar for each server.
func (r *result) plot() string {
	m := r.metrics()[0]
	title := r.Name + ": " + r.heading(m)
	var rows strings.Builder
	y, widest := titleSpace, r.largest(m)
	for _, s := range allServers {
		v := r.from.summarize(s.name, r.Name, m).value
		if v == 0 {
			continue
		}
		bar := v / widest * (plotWidth - labelWidth - valueWidth)
		fmt.Fprintf(&rows, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", labelWidth-8, y+barHeight-5, s.name)
		fmt.Fprintf(&rows, "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", labelWidth, y, bar, barHeight, colour(s.name))
		fmt.Fprintf(&rows, "<text x=\"%.1f\" y=\"%d\">%s</text>\n", labelWidth+bar+6, y+barHeight-5, short(v))
		y += rowHeight
	}
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">\n"+
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n<text x=\"8\" y=\"22\" font-weight=\"bold\">%s</text>\n%s</svg>\n",
		plotWidth, y+8, title, rows.String())
}

func (r *result) largest(m metric) float64 {
	largest := 0.0
	for _, s := range allServers {
		largest = max(largest, r.from.summarize(s.name, r.Name, m).value)
	}
	return largest
}

func colour(server string) string {
	switch server {
	case ours:
		return "#1f6feb"
	case floor:
		return "#57606a"
	}
	return "#b7bfc8"
}

// plotName returns the name of the file with a job's plot.
func (j job) plotName() string {
	keep := func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			return r
		case r == ' ':
			return '-'
		}
		return -1
	}
	return strings.ReplaceAll(strings.Map(keep, strings.ToLower(j.Name)), "--", "-") + ".svg"
}
