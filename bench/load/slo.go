package load

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Condition is one service level objective: a metric, of one test or of all that have it, compared with a bound.
type Condition struct {
	text   string
	test   Test // empty: every test
	metric string
	op     string
	bound  float64
	unit   string
}

// conditionForm is [test.]metric op number[unit].
var conditionForm = regexp.MustCompile(`^(?:(storm|throughput|sustained)\.)?([a-z][a-z0-9_]*)\s*(<=|>=|<|>|=)\s*([0-9.]+)\s*([a-zA-Zµ%/]*)$`)

// ParseCondition reads a condition such as handshake_p99<250ms, throughput.lost=0 or
// server_memory_per_connection<=2KB. Times take the units of Go's durations, sizes B, KB and MB of 1024.
func ParseCondition(text string) (Condition, error) {
	parts := conditionForm.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return Condition{}, fmt.Errorf("%q is no condition: write METRIC<NUMBER with an optional unit, such as handshake_p99<250ms", text)
	}
	c := Condition{text: strings.TrimSpace(text), test: Test(parts[1]), metric: parts[2], op: parts[3]}
	var err error
	if c.bound, c.unit, err = quantity(parts[4], parts[5]); err != nil {
		return Condition{}, fmt.Errorf("%q: %w", text, err)
	}
	return c, nil
}

// quantity converts a number with its unit to a metric's unit. Without a unit it is taken in the metric's own.
func quantity(number, unit string) (value float64, kind string, err error) {
	if value, err = strconv.ParseFloat(number, 64); err != nil {
		return 0, "", fmt.Errorf("%q is no number", number)
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
		return 0, "", fmt.Errorf("%q is no unit: write ns, us, ms, s, m, B, KB, MB, %%, /s, cores or none", unit)
	}
	return float64(d) / float64(time.Millisecond), Milliseconds, nil
}

// String is the condition as it was written.
func (c Condition) String() string { return c.text }

// Verdict is what became of a condition.
type Verdict struct {
	Condition string  `json:"condition"`
	Test      Test    `json:"test"`
	Value     float64 `json:"value"`
	Unit      string  `json:"unit,omitempty"`
	Held      bool    `json:"held"`
	Missing   bool    `json:"missing,omitempty"` // the metric was not measured, so that nothing could hold
}

// Judge applies conditions to the median of each metric. A condition on a metric that no test measured does not
// hold: it would guard nothing.
func Judge(conditions []Condition, groups []Group) []Verdict {
	var all []Verdict
	for _, c := range conditions {
		found := false
		for _, g := range groups {
			m, ok := g.median(c.metric)
			if !ok || c.test != "" && c.test != g.Test {
				continue
			}
			found = true
			all = append(all, Verdict{Condition: c.text, Test: g.Test, Value: m.Value, Unit: m.Unit, Held: c.holds(m.Value)})
		}
		if !found {
			all = append(all, Verdict{Condition: c.text, Test: c.test, Missing: true})
		}
	}
	return all
}

func (c Condition) holds(value float64) bool {
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

// knownMetrics are all names that some test can measure, with their units.
func knownMetrics() map[string]string {
	known := map[string]string{
		"connections": Count, "entered": Count, "not_entered": Count, "refused": Count, "failed": Count, "dropped": Count,
		"handshakes_per_second": PerSecond, "everyone_in": Milliseconds,
		"sent": Count, "delivered": Count, "lost": Count, "lost_share": Percent, "duplicated": Count, "disordered": Count,
		"deliveries_per_second": PerSecond, "drift_p50": Milliseconds, "drift_p99": Milliseconds, "lateness_p99": Milliseconds,
		"server_cpu": Cores, "server_memory_per_connection": Bytes, "generator_cpu": Cores, "generator_busy": Percent,
	}
	for _, of := range []string{"handshake", "entry", "delivery"} {
		for _, at := range []string{"p50", "p90", "p99", "p999", "max"} {
			known[of+"_"+at] = Milliseconds
		}
	}
	return known
}

// CheckConditions refuses conditions on metrics that do not exist, and bounds in another unit than the metric's,
// before a run of minutes finds that out.
func CheckConditions(conditions []Condition) error {
	known := knownMetrics()
	var problems []error
	for _, c := range conditions {
		unit, ok := known[c.metric]
		switch {
		case !ok:
			problems = append(problems, fmt.Errorf("--slo %q: there is no metric %s; docs/STRESS.md lists them", c.text, c.metric))
		case c.unit != "" && c.unit != unit:
			problems = append(problems, fmt.Errorf("--slo %q: %s is not a quantity of that unit", c.text, c.metric))
		}
	}
	return errors.Join(problems...)
}
