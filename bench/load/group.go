package load

import (
	"math"
	"slices"
)

// Group is the runs of one test.
type Group struct {
	Test Test      `json:"test"`
	Runs []*Result `json:"runs"`
}

// Representative is the run that is shown where there is room for one: the last that was not interrupted.
func (g *Group) Representative() *Result {
	for _, r := range slices.Backward(g.Runs) {
		if !r.Interrupted {
			return r
		}
	}
	return g.Runs[len(g.Runs)-1]
}

// values returns the values of a metric in all complete runs.
func (g *Group) values(name string) (all []float64, of Metric) {
	for _, r := range g.Runs {
		if m, ok := r.Metric(name); ok && (!r.Interrupted || len(g.Runs) == 1) {
			all, of = append(all, m.Value), m
		}
	}
	return all, of
}

// limited reports whether the generator was the bottleneck of a phase in any run.
func (g *Group) limited(p Phase) bool {
	return slices.ContainsFunc(g.Runs, func(r *Result) bool {
		return slices.ContainsFunc(r.Invalid, func(b Bottleneck) bool { return b.Phase == p })
	})
}

// median returns a metric with the median of its values.
func (g *Group) median(name string) (Metric, bool) {
	all, m := g.values(name)
	if len(all) == 0 {
		return m, false
	}
	m.Value = median(all)
	return m, true
}

// Summary is the median and the range of a metric over the runs of a group.
type Summary struct {
	Metric
	Low, High float64
}

// Summaries lists the metrics of the group in the order in which they are shown.
func (g *Group) Summaries() []Summary {
	var all []Summary
	for _, m := range g.Representative().Metrics {
		if values, _ := g.values(m.Name); len(values) > 0 {
			m.Value = median(values)
			all = append(all, Summary{m, slices.Min(values), slices.Max(values)})
		}
	}
	return all
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// deviation is the median absolute deviation, scaled to the standard deviation of a normal distribution. Unlike a
// standard deviation, it does not change when one run of three is an outlier.
func deviation(values []float64) float64 {
	const normal = 1.4826
	middle := median(values)
	away := make([]float64, len(values))
	for i, v := range values {
		away[i] = math.Abs(v - middle)
	}
	return normal * median(away)
}
