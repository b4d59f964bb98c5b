package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"momentum/bench/load"
)

// plainInterval is the time between two lines where they cannot be rewritten: in a log.
const plainInterval = 2 * time.Second

// progress prints what a run is doing, in a goroutine of its own, so that a slow terminal does not slow the load.
type progress struct {
	updates chan load.Progress
	done    chan struct{}
}

func newProgress(w io.Writer) *progress {
	p := &progress{make(chan load.Progress, 1), make(chan struct{})}
	go p.print(w, width(w))
	return p
}

// observe takes an update in the place of the one before, if that is not printed yet.
func (p *progress) observe(update load.Progress) {
	select {
	case <-p.updates:
	default:
	}
	select {
	case p.updates <- update:
	default: // only a channel without a place
	}
}

// stop waits for the last line.
func (p *progress) stop() {
	close(p.updates)
	<-p.done
}

// print rewrites one line on a terminal of that many columns. 0 columns: no terminal.
func (p *progress) print(w io.Writer, columns int) {
	defer close(p.done)
	var last time.Duration
	text, told := "", true
	for u := range p.updates {
		text, told = line(u), false
		switch {
		case columns > 0:
			runes := []rune(text)
			fmt.Fprintf(w, "\r\x1b[K%s", string(runes[:min(len(runes), columns-1)]))
		case u.Elapsed-last >= plainInterval || u.Elapsed < last:
			fmt.Fprintln(w, text)
			last, told = u.Elapsed, true
		}
	}
	switch {
	case columns > 0:
		fmt.Fprint(w, "\r\x1b[K")
	case !told:
		fmt.Fprintln(w, text)
	}
}

// line is one update.
func line(u load.Progress) string {
	text := fmt.Sprintf("%-10s %6.1fs  %-10s %d/%d open", u.Test, u.Elapsed.Seconds(), u.Phase, u.Open, u.Connections)
	count := func(n int, what string) {
		if n > 0 {
			text += fmt.Sprintf("  %d %s", n, what)
		}
	}
	count(u.Refused, "refused")
	count(u.Failed, "failed")
	count(u.Dropped, "dropped")
	count(u.Sent, "sent")
	count(u.Delivered, "delivered")
	if u.Recent.Count > 0 {
		text += fmt.Sprintf("  p50 %.2f ms  p99 %.2f ms", u.Recent.P50, u.Recent.P99)
	}
	return text
}

// width is the number of columns of a terminal, 0 for anything else.
func width(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil || columns < 2 {
		return 80
	}
	return columns
}
