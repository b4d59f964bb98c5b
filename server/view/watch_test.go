package view

import (
	"testing"
	"time"

	"momentum/server/host"
	"momentum/server/reason"
	"momentum/server/stats"
	"momentum/server/storm"
)

// example is a reading of a node of two reactors.
func example(at time.Duration) Reading {
	return Reading{
		At: at, Time: time.Unix(100, 0).Add(at), Node: Node{Name: "a"}, Live: 50, Max: 100, Users: 40, Sockets: 60, MaxSockets: 200, Rate: 7,
		Storm:     storm.Report{State: storm.Calm, Missing: 3, Arrivals: 12},
		Handshake: *counted(10, 0, 0), Processor: time.Second + at/2,
		Reactors: []ReactorReading{{Lag: *counted(1, 0, 0)}, {Lag: *counted(0, 1, 0)}},
		Bus:      "healthy", Drain: &Drain{Sessions: 9}, Host: &host.Figures{Overflows: 4},
	}
}

func TestAViewHasTheRatesOfItsSecond(t *testing.T) {
	var w Watch
	r := example(10 * time.Second)
	r.Totals = Totals{Deliveries: 1000, Messages: 500, BytesIn: 10_000, BytesOut: 20_000, Limited: 5, Overloaded: 6, Admitted: 70}
	r.Ended[reason.ClosedGone] = 8
	w.Next(r)
	if v := w.View(); v.Rates != (Rates{}) || v.Processor != nil || len(v.Closes) != 0 {
		t.Errorf("the first view counts what came before it: %+v", v)
	}
	r.At, r.Processor = 12*time.Second, r.Processor+time.Second // the ticker was late
	r.Totals = Totals{Deliveries: 3000, Messages: 502, BytesIn: 10_200, BytesOut: 20_400, Limited: 7, Overloaded: 10, Admitted: 80}
	r.Ended[reason.ClosedGone], r.Refused[reason.RefusedBusy] = 18, 4
	r.Live, r.Sockets = 30, 31
	w.Next(r)
	v := w.View()
	if want := (Rates{Deliveries: 1000, Messages: 1, BytesIn: 100, BytesOut: 200, Closes: 5, Limited: 1, Overloaded: 2}); v.Rates != want {
		t.Errorf("%+v, want %+v", v.Rates, want)
	}
	if v.Connections != (host.Level{Now: 30, Highest: 50, Limit: 100}) || v.Sockets != (host.Level{Now: 31, Highest: 60, Limit: 200}) {
		t.Errorf("connections %+v, sockets %+v", v.Connections, v.Sockets)
	}
	if len(v.Closes) != 1 || v.Closes[0].Count != 10 || *v.Processor != 0.5 || v.Seconds != 12 || v.Users != 40 || v.Rate != 7 || v.Bus != "healthy" || v.Drain.Sessions != 9 || v.Host.Overflows != 4 {
		t.Errorf("%+v", v)
	}
	h := w.History()
	if len(h.Seconds) != 2 || h.Admitted[1] != 5 || h.Refused["busy"][1] != 2 || h.Deliveries[1] != 1000 || h.Missing[1] != 3 || h.Arrivals[1] != 12 || *h.Processor[1] != 0.5 || h.Processor[0] != nil {
		t.Errorf("%+v", h)
	}
	if *h.Lag[1] != *v.Reactors[1].Lag || *h.Lag[1] <= *v.Reactors[0].Lag {
		t.Errorf("the lag in the history is %v, the reactors' are %v and %v", *h.Lag[1], *v.Reactors[0].Lag, *v.Reactors[1].Lag)
	}
}

func TestQuantilesOfAViewAreThoseOfTenSeconds(t *testing.T) {
	var w Watch
	r := example(0)
	for i := range windowSteps + 1 {
		r.At = time.Duration(i+1) * time.Second
		w.Next(r)
	}
	if v := w.View(); v.Handshake.P50 != nil || v.Handshake.P99 != nil {
		t.Errorf("without handshakes for ten seconds: %+v", v.Handshake)
	}
	r.At, r.Handshake = r.At+Step, *counted(60, 50, 0)
	w.Next(r)
	if v := w.View(); *v.Handshake.P50 != 1 || *v.Handshake.P99 < 9 {
		t.Errorf("p50 %v, p99 %v", *v.Handshake.P50, *v.Handshake.P99)
	}
}

// BenchmarkNext is the work of a second that a node without viewers has beside the reading.
func BenchmarkNext(b *testing.B) {
	var w Watch
	full := stats.Histogram{Bounds: bounds, Counts: make([]uint64, 17)}
	r := example(0)
	r.Handshake = full
	r.Reactors = make([]ReactorReading, 16)
	for i := range r.Reactors {
		r.Reactors[i].Lag = full
	}
	b.ReportAllocs()
	for b.Loop() {
		r.At += Step
		w.Next(r)
	}
}
