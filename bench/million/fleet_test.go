package main

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"momentum/bench/crowd"
	"momentum/bench/nodes"
)

// scripted is a generator that gives the answers of a test.
func scripted(t *testing.T, answers ...answer) *remote {
	t.Helper()
	in, commands := io.Pipe()
	from, out := io.Pipe()
	t.Cleanup(func() { in.Close(); out.Close() })
	go func() {
		lines, to := json.NewDecoder(in), json.NewEncoder(out)
		for _, a := range answers {
			var c command
			if lines.Decode(&c) != nil || to.Encode(a) != nil {
				return
			}
		}
		out.Close()
		in.Close()
	}()
	return &remote{Process: &nodes.Process{}, to: json.NewEncoder(commands), from: json.NewDecoder(from)}
}

func TestAFleetAddsUp(t *testing.T) {
	h := newHistogram()
	_ = h.RecordValue(7)
	latency, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	first := answer{Figures: crowd.Figures{Open: 2, Twice: 1}, Directs: 3}
	f := fleet{scripted(t, first, answer{Latency: latency}), scripted(t, first, answer{Latency: latency})}
	err = f.await(context.Background(), time.Minute, "all", func(sum answer) bool { return sum.Open == 4 && sum.Twice == 2 && sum.Directs == 6 })
	if err != nil {
		t.Fatal(err)
	}
	if all, err := f.latency(); err != nil || all.TotalCount() != 2 {
		t.Errorf("%v", err)
	}
	if n := len(f.processes()); n != 2 {
		t.Errorf("%d processes", n)
	}
}

func TestAFaultOfAGeneratorEndsTheWait(t *testing.T) {
	never := func(answer) bool { return false }
	err := fleet{scripted(t, answer{}, answer{Error: "lost"})}.await(context.Background(), time.Minute, "all", never)
	if err == nil || !strings.Contains(err.Error(), "lost") {
		t.Error(err)
	}
	if err := (fleet{scripted(t, answer{})}).await(context.Background(), 0, "all", never); err == nil || !strings.Contains(err.Error(), "all: not done") {
		t.Error(err)
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	if err := (fleet{scripted(t, answer{})}).await(over, time.Minute, "all", never); err == nil {
		t.Error("a wait goes on after the end")
	}
}
