package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"momentum/bench/load"
)

func TestProgressIsPlainLinesInALog(t *testing.T) {
	var out bytes.Buffer
	p := &progress{make(chan load.Progress), make(chan struct{})} // without a buffer, no update is dropped
	go p.print(&out, 0)
	for i := range 50 {
		p.updates <- load.Progress{Test: load.Storm, Phase: "connecting", Elapsed: time.Duration(i) * 200 * time.Millisecond, Connections: 9, Open: 5, Refused: 3}
	}
	p.stop()
	if lines := strings.Count(out.String(), "\n"); lines != 5 || !strings.Contains(out.String(), "9.8s") || strings.ContainsAny(out.String(), "\r\x1b") {
		t.Errorf("%d lines:\n%q", lines, out.String())
	}
	if !strings.Contains(out.String(), "5/9 open  3 refused") {
		t.Errorf("%q", out.String())
	}
}

func TestProgressIsOneLineOnATerminal(t *testing.T) {
	var out bytes.Buffer
	p := &progress{make(chan load.Progress), make(chan struct{})}
	go p.print(&out, 20)
	for range 3 {
		p.updates <- load.Progress{Test: load.Storm, Phase: "connecting", Connections: 9}
	}
	p.stop()
	for _, shown := range strings.Split(out.String(), "\r\x1b[K") {
		if len(shown) > 19 || strings.Contains(shown, "\n") {
			t.Errorf("%q does not fit a line of 20", shown)
		}
	}
}

func TestProgressNeverBlocksTheLoad(t *testing.T) {
	p := &progress{make(chan load.Progress, 1), make(chan struct{})} // no goroutine prints
	for i := range 10 {
		p.observe(load.Progress{Open: i})
	}
	if last := <-p.updates; last.Open != 9 {
		t.Errorf("update %d is kept instead of the last one", last.Open)
	}
}

func TestTheEndOfAShortTestIsPrinted(t *testing.T) {
	var out bytes.Buffer
	p := &progress{make(chan load.Progress), make(chan struct{})}
	go p.print(&out, 0)
	p.updates <- load.Progress{Test: load.Storm, Phase: "done", Elapsed: 100 * time.Millisecond, Connections: 9, Open: 9}
	if p.stop(); !strings.Contains(out.String(), "9/9 open\n") {
		t.Errorf("%q", out.String())
	}
}
