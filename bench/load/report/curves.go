package report

import (
	"html/template"

	"momentum/bench/load"
)

// plots draws the plots of one run.
func plots(r *load.Result) []template.HTML {
	all := []plot{distributionPlot(r), connectionsPlot(r), latencyPlot(r), ratePlot(r), cpuPlot(r), memoryPlot(r)}
	end := 0.0
	for _, s := range r.Samples {
		end = s.Seconds
	}
	var drawn []template.HTML
	for _, p := range all {
		p.until = end
		if p.curves = drawable(p.curves); len(p.curves) > 0 {
			drawn = append(drawn, p.draw())
		}
	}
	return drawn
}

// drawable leaves out curves of fewer than two points.
func drawable(all []curve) []curve {
	var kept []curve
	for _, c := range all {
		if len(c.points) > 1 {
			kept = append(kept, c)
		}
	}
	return kept
}

func distributionPlot(r *load.Result) plot {
	p := plot{title: "Cumulative distribution", subtitle: "share of all that took at most this long", xUnit: "ms", yUnit: "%", logX: true, top: 100}
	for _, c := range []struct {
		name  string
		share []load.Share
	}{{"handshake", r.Handshakes}, {"arrival to admission", r.Entries}, {"delivery", r.Deliveries}} {
		one := curve{name: c.name}
		for _, s := range c.share {
			one.points = append(one.points, point{s.MS, 100 * s.Share})
		}
		p.curves = append(p.curves, one)
	}
	return p
}

func connectionsPlot(r *load.Result) plot {
	open, refused, failed := curve{name: "open connections", filled: true}, curve{name: "refusals so far"}, curve{name: "failed handshakes so far"}
	refusals, failures := 0, 0
	open.points, refused.points, failed.points = []point{{}}, []point{{}}, []point{{}}
	for _, s := range r.Samples {
		refusals += s.Refused
		failures += s.Failed
		open.points = append(open.points, point{s.Seconds, float64(s.Open)})
		refused.points = append(refused.points, point{s.Seconds, float64(refusals)})
		failed.points = append(failed.points, point{s.Seconds, float64(failures)})
	}
	server := curve{name: "open, as /ws/stats says", dots: true}
	for _, s := range r.Stats {
		server.points = append(server.points, point{s.Seconds, float64(s.Connections)})
	}
	p := plot{title: "Connections and refusals", subtitle: "over time", xUnit: "s", curves: []curve{open}}
	if refusals > 0 {
		p.curves = append(p.curves, refused)
	}
	if failures > 0 {
		p.curves = append(p.curves, failed)
	}
	p.curves = append(p.curves, server)
	return p
}

// latencyPlot shows deliveries, or handshakes if nothing was delivered.
func latencyPlot(r *load.Result) plot {
	all, what := r.DeliveryCurve, "of deliveries, over time"
	if len(all) == 0 {
		all, what = r.HandshakeCurve, "of handshakes, over time"
	}
	p50, p90, p99 := curve{name: "median"}, curve{name: "90 %"}, curve{name: "99 %"}
	for _, s := range all {
		p50.points = append(p50.points, point{s.Seconds, s.P50})
		p90.points = append(p90.points, point{s.Seconds, s.P90})
		p99.points = append(p99.points, point{s.Seconds, s.P99})
	}
	return plot{title: "Latency", subtitle: what, xUnit: "s", yUnit: "ms", logY: true, curves: []curve{p50, p90, p99}}
}

// ratePlot shows messages, or handshakes in a storm.
func ratePlot(r *load.Result) plot {
	one, other := curve{name: "sent"}, curve{name: "delivered", dashed: true}
	title, of := "Messages", func(s load.Sample) (int, int) { return s.Sent, s.Delivered }
	if r.Test == load.Storm {
		one.name, other.name = "admitted", "refused"
		title, of = "Handshakes", func(s load.Sample) (int, int) { return s.Entered, s.Refused }
	}
	last := 0.0
	for _, s := range r.Samples {
		if span := s.Seconds - last; span > 0 {
			a, b := of(s)
			one.points = append(one.points, point{s.Seconds, float64(a) / span})
			other.points = append(other.points, point{s.Seconds, float64(b) / span})
		}
		last = s.Seconds
	}
	p := plot{title: title, subtitle: "a second, over time", xUnit: "s", yUnit: "/s", curves: []curve{one}}
	if r.Test != load.Storm || len(r.Refused) > 0 {
		p.curves = append(p.curves, other)
	}
	return p
}

func cpuPlot(r *load.Result) plot {
	server, generator := curve{name: "server"}, curve{name: "generator"}
	for _, s := range r.Server[min(1, len(r.Server)):] { // the first has no earlier one to calculate a rate from
		server.points = append(server.points, point{s.Seconds, s.CPU})
	}
	for _, s := range r.Samples {
		generator.points = append(generator.points, point{s.Seconds, s.CPU})
	}
	return plot{title: "CPU", subtitle: "cores at work, over time", xUnit: "s", yUnit: "cores", top: 1, curves: []curve{server, generator}}
}

// memoryPlot leaves out times with few connections, at which the server's fixed memory dominates.
func memoryPlot(r *load.Result) plot {
	most := 0
	for _, s := range r.Server {
		most = max(most, s.Open)
	}
	each := curve{name: "resident KB a connection", filled: true}
	for _, s := range r.Server {
		if s.Memory > 0 && s.Open > 0 && s.Open >= most/2 {
			each.points = append(each.points, point{s.Seconds, float64(max(0, s.Memory-r.BaseMemory)) / float64(s.Open) / 1024})
		}
	}
	return plot{title: "Server memory a connection", subtitle: "above the start, over time", xUnit: "s", yUnit: "KB", top: 1, curves: []curve{each}}
}
