package load

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Condition is one service level objective: it compares a metric with a bound, in one test or in all that have the
// metric.
type Condition struct {
	text   string
	test   Test // empty: every test
	metric string
	op     string
	bound  float64
	unit   string
}

// conditionForm is the syntax: [test.]metric op number[unit].
var conditionForm = regexp.MustCompile(`^(?:(storm|throughput|sustained)\.)?([a-z][a-z0-9_]*)\s*(<=|>=|<|>|=)\s*([0-9.]+)\s*([a-zA-Zµ%/]*)$`)

// ParseCondition reads a condition such as handshake_p99<250ms, throughput.lost=0 or server_memory_per_connection<=2KB.
// Times have the units of Go's durations, sizes B, KB and MB of 1024.
func ParseCondition(text string) (Condition, error) {
	parts := conditionForm.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return Condition{}, fmt.Errorf("%q is not a condition: write METRIC<NUMBER with an optional unit, such as handshake_p99<250ms", text)
	}
	c := Condition{text: strings.TrimSpace(text), test: Test(parts[1]), metric: parts[2], op: parts[3]}
	var err error
	if c.bound, c.unit, err = quantity(parts[4], parts[5]); err != nil {
		return Condition{}, fmt.Errorf("%q: %w", text, err)
	}
	return c, nil
}

// quantity converts a number with its unit to the unit of metrics. Without a unit it is in the metric's own.
func quantity(number, unit string) (value float64, kind string, err error) {
	if value, err = strconv.ParseFloat(number, 64); err != nil {
		return 0, "", fmt.Errorf("%q is not a number", number)
	}
	switch unit {
	case "":
		return value, "", nil
	case "%":
		return value, Percent, nil
	case "/s":
		return value, PerSecond, nil
	case "cores":
		return value, Cores, nil
	case "B":
		return value, Bytes, nil
	case "KB":
		return value * (1 << 10), Bytes, nil
	case "MB":
		return value * (1 << 20), Bytes, nil
	}
	d, err := time.ParseDuration(number + unit)
	if err != nil {
		return 0, "", fmt.Errorf("%q is not a unit: write ns, us, ms, s, m, B, KB, MB, %%, /s, cores or none", unit)
	}
	return float64(d) / float64(time.Millisecond), Milliseconds, nil
}

// String is the condition as it was written.
func (c Condition) String() string { return c.text }

// Verdict is the outcome of a condition.
type Verdict struct {
	Condition string  `json:"condition"`
	Test      Test    `json:"test"`
	Value     float64 `json:"value"`
	Unit      string  `json:"unit,omitempty"`
	Held      bool    `json:"held"`
	Missing   bool    `json:"missing,omitempty"` // the metric was not measured, so that the condition does not hold

	GeneratorLimited bool `json:"generator_limited,omitempty"` // in some run, the generator was the bottleneck of the metric's phase
}

// Evaluate applies conditions to the median of each metric. A condition on a metric that was not measured does not
// hold: otherwise it would check nothing.
func Evaluate(conditions []Condition, groups []Group) []Verdict {
	var all []Verdict
	for _, c := range conditions {
		found := false
		for _, g := range groups {
			m, ok := g.median(c.metric)
			if !ok || c.test != "" && c.test != g.Test {
				continue
			}
			found = true
			all = append(all, Verdict{Condition: c.text, Test: g.Test, Value: m.Value, Unit: m.Unit, Held: c.holds(m), GeneratorLimited: g.limited(phaseOf(c.metric))})
		}
		if !found {
			all = append(all, Verdict{Condition: c.text, Test: c.test, Missing: true})
		}
	}
	return all
}

func (c Condition) holds(m Metric) bool {
	value := m.Value
	if m.Unit == Microseconds && c.unit == Milliseconds {
		value /= 1000
	}
	switch c.op {
	case "<":
		return value < c.bound
	case "<=":
		return value <= c.bound
	case ">":
		return value > c.bound
	case ">=":
		return value >= c.bound
	}
	return value == c.bound
}

// metricInfo describes a metric: its unit, the tests that measure it, and whether it needs --server-pid.
type metricInfo struct {
	unit   string
	tests  []Test
	server bool
	phase  Phase // on which it depends; empty: none
}

func (k metricInfo) has(t Test) bool { return slices.Contains(k.tests, t) }

// knownMetrics describes all metrics that any test can measure.
func knownMetrics() map[string]metricInfo {
	all := make(map[string]metricInfo)
	add := func(of metricInfo, names ...string) {
		for _, name := range names {
			all[name] = of
		}
	}
	every, sends, stays := []Test{Storm, Throughput, Sustained}, []Test{Throughput, Sustained}, []Test{Sustained}
	add(metricInfo{unit: Count, tests: every}, "connections", "entered", "not_entered", "refused", "failed", "dropped", "violations")
	add(metricInfo{unit: PerSecond, tests: every, phase: Handshakes}, "handshakes_per_second")
	add(metricInfo{unit: Milliseconds, tests: every, phase: Handshakes}, "everyone_in")
	add(metricInfo{unit: Cores, tests: every}, "generator_cpu")
	add(metricInfo{unit: Percent, tests: every}, "generator_busy")
	add(metricInfo{unit: Count, tests: sends}, "sent", "unsent", "delivered", "lost", "duplicated", "disordered")
	add(metricInfo{unit: Percent, tests: sends}, "lost_share")
	add(metricInfo{unit: PerSecond, tests: sends, phase: Deliveries}, "deliveries_per_second")
	add(metricInfo{unit: Milliseconds, tests: sends}, "lateness_p99")
	add(metricInfo{unit: Milliseconds, tests: stays, phase: Deliveries}, "drift_p50", "drift_p99")
	add(metricInfo{unit: Cores, tests: every, server: true}, "server_cpu")
	add(metricInfo{unit: Microseconds, tests: every, server: true, phase: Handshakes}, "server_cpu_per_handshake")
	add(metricInfo{unit: Microseconds, tests: sends, server: true, phase: Deliveries}, "server_cpu_per_delivery")
	add(metricInfo{unit: Bytes, tests: every, server: true}, "server_memory_per_connection")
	add(metricInfo{unit: Bytes, tests: stays, server: true}, "drift_memory_per_connection")
	for _, at := range []string{"_p50", "_p90", "_p99", "_p999", "_max"} {
		add(metricInfo{unit: Milliseconds, tests: every, phase: Handshakes}, "handshake"+at, "entry"+at)
		add(metricInfo{unit: Milliseconds, tests: sends, phase: Deliveries}, "delivery"+at)
	}
	return all
}

// phaseOf returns the phase that a metric depends on, "" if there is none.
func phaseOf(metric string) Phase { return knownMetrics()[metric].phase }

// CheckConditions returns an error for a condition on a metric that the plan does not measure, or with another unit
// than the metric. Otherwise it would fail only after a run of minutes.
func CheckConditions(conditions []Condition, p *Plan) error {
	all := knownMetrics()
	var problems []error
	for _, c := range conditions {
		refuse := func(format string, args ...any) {
			problems = append(problems, fmt.Errorf("--slo %q: %s", c.text, fmt.Sprintf(format, args...)))
		}
		m, ok := all[c.metric]
		measures := func(t Test) bool { return m.has(t) && (c.test == "" || c.test == t) }
		switch {
		case !ok:
			refuse("there is no metric %s; docs/STRESS.md lists them", c.metric)
		case c.unit != "" && c.unit != m.unit && !(c.unit == Milliseconds && m.unit == Microseconds):
			refuse("%s has another unit", c.metric)
		case !slices.ContainsFunc(p.Tests(), measures):
			refuse("none of the requested tests measures %s", c.metric)
		case m.server && p.ServerPID == 0:
			refuse("%s needs --server-pid", c.metric)
		}
	}
	return errors.Join(problems...)
}
