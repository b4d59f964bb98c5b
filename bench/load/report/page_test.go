package report

import (
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"momentum/bench/load"
)

// measured is a record that has every kind of content.
func measured(test load.Test) *load.Record {
	plan := &load.Plan{Test: test, URL: "ws://127.0.0.1:1/ws?token=secret", Connections: 10, Fanout: load.Partner}
	r := load.NewRecord(plan, 1, time.Unix(1_700_000_000, 0))
	one := &load.Result{
		Test: test, Invalid: []load.Bottleneck{{Phase: load.Handshakes, Why: "too <busy>"}}, Problems: []string{"3 messages were lost"}, Notes: []string{"a note"},
		Metrics:    []load.Metric{{Name: "handshake_p99", Value: 12.3, Unit: load.Milliseconds, Better: load.Lower}, {Name: "refused", Value: 4}},
		Refused:    map[string]int{"503 full": 4},
		Handshakes: []load.Share{{MS: 0.1, Share: 0}, {MS: 1, Share: .5}, {MS: 30, Share: 1}},
		Deliveries: []load.Share{{MS: 0.1, Share: 0}, {MS: 1, Share: .5}},
	}
	for i := range 300 {
		at := float64(i) / 10
		one.Samples = append(one.Samples, load.Sample{Seconds: at, Open: i, Refused: i % 2, Sent: 5, Delivered: 5, CPU: .2})
		one.HandshakeCurve = append(one.HandshakeCurve, load.Percentiles{Seconds: at, Count: 200, P50: 1, P90: 2, P99: 3})
		one.Server = append(one.Server, load.ServerSample{Seconds: at, CPU: .5, Memory: 1 << 20, Open: i})
		one.Stats = append(one.Stats, load.StatsSample{Seconds: at, Connections: i})
	}
	r.Add(one)
	r.Verdicts = []load.Verdict{{Condition: "handshake_p99<1ms", Test: test, Value: 12.3, Unit: load.Milliseconds}}
	r.Comparison = []load.Comparison{{Test: test, Name: "handshake_p99", Unit: load.Milliseconds, Was: 1, Is: 12.3, Noise: .3, Regressed: true}}
	return r
}

func pageOf(t *testing.T, r *load.Record) string {
	t.Helper()
	page, err := Page(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestThePageNeedsNoNetwork(t *testing.T) {
	for _, test := range []load.Test{load.Storm, load.Throughput, load.Sustained} {
		page := pageOf(t, measured(test))
		for _, outside := range []string{"http://", "https://", "//cdn", "@import", "url(", "<link", " src=", "fetch("} {
			if strings.Contains(page, outside) {
				t.Errorf("%s: the page has %q in it", test, outside)
			}
		}
		if strings.Contains(page, "secret") {
			t.Error("the token of the URL is in the page")
		}
	}
}

func TestThePageHasAllPlots(t *testing.T) {
	for test, want := range map[load.Test][]string{
		load.Storm:      {"Cumulative distribution", "Connections and refusals", "Latency", "Handshakes", "CPU", "Server memory a connection"},
		load.Throughput: {"Cumulative distribution", "Connections and refusals", "Latency", "Messages", "CPU", "Server memory a connection"},
	} {
		page := pageOf(t, measured(test))
		pictures := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1)
		if len(pictures) != len(want) {
			t.Errorf("%s: %d pictures, want %d", test, len(pictures), len(want))
		}
		for i, picture := range pictures {
			if !strings.Contains(picture, want[i]) {
				t.Errorf("%s: picture %d is not %q", test, i, want[i])
			}
			wellFormed(t, picture)
		}
	}
}

// wellFormed fails the test if the picture is not well-formed XML or has an invalid coordinate.
func wellFormed(t *testing.T, picture string) {
	t.Helper()
	if strings.Contains(picture, "NaN") || strings.Contains(picture, "Inf") {
		t.Error("a coordinate is not a number")
	}
	d := xml.NewDecoder(strings.NewReader(picture))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%v in %.200s", err, picture)
		}
	}
}

func TestThePageShowsErrors(t *testing.T) {
	page := pageOf(t, measured(load.Storm))
	for _, want := range []string{"too &lt;busy&gt;", "3 messages were lost", "503 full", "REGRESSED", "12.3 ms, FAILED", `class="badge failed"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestThePageShowsErrorsOfEveryRun(t *testing.T) {
	r := measured(load.Storm)
	r.Groups[0].Runs[0].Problems = []string{"3 messages were lost"}
	r.Add(&load.Result{Test: load.Storm})
	r.Incomplete = "the server went away"
	for _, want := range []string{"run 1: 3 messages were lost", "run 1: handshakes: too &lt;busy&gt;", "run 1: refused", "the server went away"} {
		if !strings.Contains(pageOf(t, r), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestAnInterruptedRunWithoutFiguresHasAPage(t *testing.T) {
	r := load.NewRecord(&load.Plan{Test: load.Storm}, 1, time.Unix(0, 0))
	r.Add(&load.Result{Test: load.Storm, Interrupted: true})
	if page := pageOf(t, r); !strings.Contains(page, "interrupted") || strings.Contains(page, "<svg") {
		t.Error("the page of an interrupted run without figures is wrong")
	}
}

func TestAxesCoverTheirValues(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		log       bool
	}{{0, 0, false}, {0, 1, false}, {0, 15000, false}, {3, 3, false}, {.07, 14, true}, {1, 1, true}, {0, 0, true}, {.001, 3.6e6, true}, {2, 4, true}} {
		a := newAxis(c.low, c.high, 0, 100, c.log)
		if len(a.ticks) < 2 || len(a.ticks) > 11 || a.low > max(c.low, 1e-3) || a.high < c.high {
			t.Errorf("%+v: %v to %v, ticks %v", c, a.low, a.high, a.ticks)
		}
		if at := a.position(c.high); at < 0 || at > 100 {
			t.Errorf("%+v: at %v", c, at)
		}
	}
}
