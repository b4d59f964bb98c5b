package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"momentum/internal/output"
)

// document is the page with the figures. This program writes the part between its two markers.
const (
	document  = "BENCHMARKS.md"
	beginMark = "<!-- Written by make bench-compare from here"
	endMark   = "<!-- to here -->"
)

// writeDocument renders the newest record of each job.
func writeDocument() error {
	all, err := records()
	if err != nil {
		return err
	}
	results := latest(all)
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	head, rest, ok1 := strings.Cut(string(text), beginMark)
	mark, rest, ok2 := strings.Cut(rest, "\n")
	_, tail, ok3 := strings.Cut(rest, endMark)
	if !ok1 || !ok2 || !ok3 {
		return fmt.Errorf("%s lacks its markers, %q and %q", document, beginMark, endMark)
	}
	body, err := render(results)
	if err != nil {
		return err
	}
	return output.Write(document, []byte(head+beginMark+mark+"\n\n"+body+endMark+tail), os.Stdout)
}

// render writes the plots and returns the text between the markers.
func render(results []result) (string, error) {
	var b strings.Builder
	b.WriteString("## Plots\n\n")
	for _, r := range results {
		name := filepath.Join(resultsDirectory, r.plotName())
		if err := output.Write(name, []byte(r.plot()), os.Stdout); err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "![%s](%s)\n\n", r.Name, filepath.ToSlash(name))
	}
	return b.String() + "## Tables\n\n" + tables(results) + "## Runs\n\n" + runs(results) + "\n", nil
}
