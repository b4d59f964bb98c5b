package tidy

import (
	"fmt"
	"io"
	"path"
	"strings"
	"testing"
	"text/tabwriter"
)

// TestMeasures prints the figures of every package, all comments and every page. "go test ./internal/tidy -run
// Measures -v" shows them. It always passes: TestFiguresOnlyFall and TestWordsOnlyFall hold the limits.
func TestMeasures(t *testing.T) {
	if !testing.Verbose() {
		t.Skip("without -v nothing shows the figures")
	}
	repository := theRepository(t)
	t.Log("\n" + aligned(func(table io.Writer) { packageRows(table, repository) }))
	t.Log("\n" + aligned(func(table io.Writer) { wordRows(table, repository) }))
}

// aligned is a table whose cells end with tabs, in columns.
func aligned(rows func(io.Writer)) string {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	rows(table)
	_ = table.Flush()
	return text.String()
}

func packageRows(table io.Writer, files tree) {
	fmt.Fprintln(table, "package\tfiles\tfunction median\tp90\tmax\tfile max\tcycle\tmethods\tno twin\tdocumented %\t")
	for _, u := range files.units() {
		lengths := u.functionLengths()
		cycle, _ := inCycle(u)
		methods, _ := onOneType(u)
		alone, _ := untwinned(u)
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", u.directory, len(u.code), quantile(lengths, 0.5), quantile(lengths, 0.9),
			quantile(lengths, 1), u.longestFile(), cycle, methods, alone, u.documented())
	}
}

func wordRows(table io.Writer, files tree) {
	fmt.Fprint(table, "in 1,000 words of\twords\t")
	for _, s := range symptoms {
		fmt.Fprintf(table, "%s\t", s.name)
	}
	fmt.Fprintln(table)
	row := func(name, prose string) {
		fmt.Fprintf(table, "%s\t%d\t", name, countWords(prose))
		for _, s := range symptoms {
			fmt.Fprintf(table, "%.1f\t", perThousand(s.pattern, prose))
		}
		fmt.Fprintln(table)
	}
	for _, directory := range files.tops() {
		row("comments: "+directory, comments(files.below(directory)))
	}
	row("all comments", comments(files))
	for _, f := range files {
		if path.Ext(f.path) == ".md" {
			row(f.path, pages(tree{f}))
		}
	}
	row("all pages", pages(files))
}
