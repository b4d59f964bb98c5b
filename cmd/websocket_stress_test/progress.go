package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"momentum/bench/load"
)

// logInterval is the time between two lines if the output is not a terminal.
const logInterval = 2 * time.Second

// progress prints the state of a run. It has its own goroutine, so that a slow terminal does not slow down the load.
type progress struct {
	updates chan load.Progress
	done    chan struct{}
}

func newProgress(w io.Writer) *progress {
	p := &progress{make(chan load.Progress, 1), make(chan struct{})}
	go p.print(w, width(w))
	return p
}

// observe replaces the update that is not printed yet, if there is one.
func (p *progress) observe(update load.Progress) {
	select {
	case <-p.updates:
	default:
	}
	select {
	case p.updates <- update:
	default: // only if the channel has no buffer
	}
}

// stop waits until the last line is printed.
func (p *progress) stop() {
	close(p.updates)
	<-p.done
}

// print rewrites one line on a terminal with that many columns. 0 columns mean that the output is not a terminal.
func (p *progress) print(w io.Writer, columns int) {
	defer close(p.done)
	var last time.Duration
	text, printed := "", true
	for u := range p.updates {
		text, printed = line(u), false
		switch {
		case columns > 0:
			runes := []rune(text)
			fmt.Fprintf(w, "\r\x1b[K%s", string(runes[:min(len(runes), columns-1)]))
		case u.Elapsed-last >= logInterval || u.Elapsed < last:
			fmt.Fprintln(w, text)
			last, printed = u.Elapsed, true
		}
	}
	switch {
	case columns > 0:
		fmt.Fprint(w, "\r\x1b[K")
	case !printed:
		fmt.Fprintln(w, text)
	}
}

// line formats one update.
func line(u load.Progress) string {
	text := fmt.Sprintf("%-10s %6.1fs  %-10s %d/%d open", u.Test, u.Elapsed.Seconds(), u.Phase, u.Open, u.Connections)
	count := func(n int, label string) {
		if n > 0 {
			text += fmt.Sprintf("  %d %s", n, label)
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

// width returns the number of columns of a terminal, 0 for any other output.
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
