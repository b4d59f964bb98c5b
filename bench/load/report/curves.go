package report

import (
	"html/template"

	"momentum/bench/load"
	"momentum/bench/plot"
)

// plots draws the plots of one run.
func plots(r *load.Result) []template.HTML {
	all := []plot.Plot{distributionPlot(r), connectionsPlot(r), latencyPlot(r), ratePlot(r), cpuPlot(r), memoryPlot(r)}
	end := 0.0
	for _, s := range r.Samples {
		end = s.Seconds
	}
	var drawn []template.HTML
	for _, p := range all {
		p.Until = end
		if p.Curves = drawable(p.Curves); len(p.Curves) > 0 {
			drawn = append(drawn, p.Draw())
		}
	}
	return drawn
}

// drawable leaves out curves of fewer than two points.
func drawable(all []plot.Curve) []plot.Curve {
	var kept []plot.Curve
	for _, c := range all {
		if len(c.Points) > 1 {
			kept = append(kept, c)
		}
	}
	return kept
}

func distributionPlot(r *load.Result) plot.Plot {
	p := plot.Plot{Title: "Cumulative distribution", Subtitle: "share of all that took at most this long", XUnit: "ms", YUnit: "%", LogX: true, Top: 100}
	for _, c := range []struct {
		name  string
		share []load.Share
	}{{"handshake", r.Handshakes}, {"arrival to admission", r.Entries}, {"delivery", r.Deliveries}} {
		one := plot.Curve{Name: c.name}
		for _, s := range c.share {
			one.Add(s.MS, 100*s.Share)
		}
		p.Curves = append(p.Curves, one)
	}
	return p
}

func connectionsPlot(r *load.Result) plot.Plot {
	open, refused, failed := plot.Curve{Name: "open connections", Filled: true}, plot.Curve{Name: "refusals so far"}, plot.Curve{Name: "failed handshakes so far"}
	refusals, failures := 0, 0
	open.Points, refused.Points, failed.Points = []plot.Point{{}}, []plot.Point{{}}, []plot.Point{{}}
	for _, s := range r.Samples {
		refusals += s.Refused
		failures += s.Failed
		open.Add(s.Seconds, float64(s.Open))
		refused.Add(s.Seconds, float64(refusals))
		failed.Add(s.Seconds, float64(failures))
	}
	server := plot.Curve{Name: "open, as /ws/stats says", Dots: true}
	for _, s := range r.Stats {
		server.Add(s.Seconds, float64(s.Connections))
	}
	p := plot.Plot{Title: "Connections and refusals", Subtitle: "over time", XUnit: "s", Curves: []plot.Curve{open}}
	if refusals > 0 {
		p.Curves = append(p.Curves, refused)
	}
	if failures > 0 {
		p.Curves = append(p.Curves, failed)
	}
	p.Curves = append(p.Curves, server)
	return p
}

// latencyPlot shows deliveries, or handshakes if nothing was delivered.
func latencyPlot(r *load.Result) plot.Plot {
	all, what := r.DeliveryCurve, "of deliveries, over time"
	if len(all) == 0 {
		all, what = r.HandshakeCurve, "of handshakes, over time"
	}
	p50, p90, p99 := plot.Curve{Name: "median"}, plot.Curve{Name: "90 %"}, plot.Curve{Name: "99 %"}
	for _, s := range all {
		p50.Add(s.Seconds, s.P50)
		p90.Add(s.Seconds, s.P90)
		p99.Add(s.Seconds, s.P99)
	}
	return plot.Plot{Title: "Latency", Subtitle: what, XUnit: "s", YUnit: "ms", LogY: true, Curves: []plot.Curve{p50, p90, p99}}
}

// ratePlot shows messages, or handshakes in a storm.
func ratePlot(r *load.Result) plot.Plot {
	one, other := plot.Curve{Name: "sent"}, plot.Curve{Name: "delivered", Dashed: true}
	title, of := "Messages", func(s load.Sample) (int, int) { return s.Sent, s.Delivered }
	if r.Test == load.Storm {
		one.Name, other.Name = "admitted", "refused"
		title, of = "Handshakes", func(s load.Sample) (int, int) { return s.Entered, s.Refused }
	}
	last := 0.0
	for _, s := range r.Samples {
		if span := s.Seconds - last; span > 0 {
			a, b := of(s)
			one.Add(s.Seconds, float64(a)/span)
			other.Add(s.Seconds, float64(b)/span)
		}
		last = s.Seconds
	}
	p := plot.Plot{Title: title, Subtitle: "a second, over time", XUnit: "s", YUnit: "/s", Curves: []plot.Curve{one}}
	if r.Test != load.Storm || len(r.Refused) > 0 {
		p.Curves = append(p.Curves, other)
	}
	return p
}

func cpuPlot(r *load.Result) plot.Plot {
	server, generator := plot.Curve{Name: "server"}, plot.Curve{Name: "generator"}
	for _, s := range r.Server[min(1, len(r.Server)):] { // the first has no earlier one to calculate a rate from
		server.Add(s.Seconds, s.CPU)
	}
	for _, s := range r.Samples {
		generator.Add(s.Seconds, s.CPU)
	}
	return plot.Plot{Title: "CPU", Subtitle: "cores at work, over time", XUnit: "s", YUnit: "cores", Top: 1, Curves: []plot.Curve{server, generator}}
}

// memoryPlot leaves out times with few connections, at which the server's fixed memory dominates.
func memoryPlot(r *load.Result) plot.Plot {
	most := 0
	for _, s := range r.Server {
		most = max(most, s.Open)
	}
	each := plot.Curve{Name: "resident KB a connection", Filled: true}
	for _, s := range r.Server {
		if s.Memory > 0 && s.Open > 0 && s.Open >= most/2 {
			each.Add(s.Seconds, float64(max(0, s.Memory-r.BaseMemory))/float64(s.Open)/1024)
		}
	}
	return plot.Plot{Title: "Server memory a connection", Subtitle: "above the start, over time", XUnit: "s", YUnit: "KB", Top: 1, Curves: []plot.Curve{each}}
}
