package main

import "momentum/bench/figures"

// metric is one of the figures of a measurement.
type metric struct {
	title    string
	of       func(*measurement) float64
	moreWins bool
}

var (
	cpu        = metric{"CPU µs", func(m *measurement) float64 { return m.CPUMicros }, false}
	throughput = metric{"per second", func(m *measurement) float64 { return m.PerSecond }, true}
	p50        = metric{"p50 µs", func(m *measurement) float64 { return m.P50 }, false}
	p99        = metric{"p99 µs", func(m *measurement) float64 { return m.P99 }, false}
	p999       = metric{"p99.9 µs", func(m *measurement) float64 { return m.P999 }, false}
	delivered  = metric{"delivered %", func(m *measurement) float64 { return m.Jitter.delivered() }, true}
	resident   = metric{"resident B", func(m *measurement) float64 { return m.Resident }, false}
)

func (j job) metrics() []metric {
	switch j.Kind {
	case kindIdle, kindMembers:
		return []metric{resident}
	case kindHeartbeat:
		return []metric{cpu}
	case kindDirect:
		return []metric{p50, p99, p999}
	case kindJitter:
		return []metric{delivered}
	}
	return []metric{cpu, throughput, p50, p99, p999}
}

// summary is a metric's median over the rounds, and the medians of its ratios. Each ratio is taken within a round, in which
// both servers had the same conditions. Zero means that there is none.
type summary struct {
	value, toFloor, toBest float64
}

// summarize returns one server's figure at one job.
func (r *record) summarize(server, job string, m metric) summary {
	var values, toFloor, toBest []float64
	for round := 1; round <= r.Rounds; round++ {
		own, floors, best := r.round(round, server, job, m)
		if own == 0 {
			continue
		}
		values = append(values, own)
		if floors != 0 {
			toFloor = append(toFloor, own/floors)
		}
		if best != 0 {
			toBest = append(toBest, own/best)
		}
	}
	return summary{figures.Median(values), figures.Median(toFloor), figures.Median(toBest)}
}

// round returns a server's figure of one round, the floor's, and that of the best rival.
func (r *record) round(number int, server, job string, m metric) (own, floors, best float64) {
	for i := range r.Measurements {
		one := &r.Measurements[i]
		v := m.of(one)
		if one.Round != number || one.Job != job || one.Failed != "" || v <= 0 {
			continue
		}
		if one.Server == server {
			own = v
		}
		if one.Server == floor {
			floors = v
		}
		if isRival(one.Server) && (best == 0 || v > best == m.moreWins) {
			best = v
		}
	}
	return own, floors, best
}

// relative returns a server's figure at a job relative to that of another server or at another job: the median of the ratios
// within a round, or 0 if there is none.
func (r *record) relative(m metric, server, job, otherServer, otherJob string) float64 {
	var ratios []float64
	for round := 1; round <= r.Rounds; round++ {
		own, _, _ := r.round(round, server, job, m)
		other, _, _ := r.round(round, otherServer, otherJob, m)
		if own > 0 && other > 0 {
			ratios = append(ratios, own/other)
		}
	}
	return figures.Median(ratios)
}

// others returns which percentage of the server's core other work used during a job: the median, and the measurement with the
// highest. A job without a window has no such figure.
func (r *record) others(job string) (percent float64, worst measurement, ok bool) {
	var all []float64
	for i := range r.Measurements {
		m := &r.Measurements[i]
		if m.Job != job || m.Failed != "" || m.CPUMicros == 0 {
			continue
		}
		if all = append(all, m.Others); m.Others >= worst.Others {
			worst = *m
		}
	}
	return figures.Median(all), worst, len(all) > 0
}

// failure returns the reason why a server has no figures at a job or at some of its rounds, or "".
func (r *record) failure(server, job string) string {
	for i := range r.Measurements {
		if m := &r.Measurements[i]; m.Server == server && m.Job == job && m.Failed != "" {
			return m.Failed
		}
	}
	return ""
}
