package load

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

const (
	// noiseDeviations is how many standard deviations of the runs a median may be worse by.
	noiseDeviations = 3

	// minRuns is how many runs each side needs to estimate noise. The latencies of a storm differ by a factor of two
	// from run to run, so that single runs of the same server are reported as a regression every time.
	minRuns = 5

	// minNoise is the share of the baseline that is never called a regression: two builds of the same source differ by
	// it.
	minNoise = 0.10
)

// minDifference is the smallest difference that counts, by unit. Otherwise a relative bound would report a few
// microseconds.
var minDifference = map[string]float64{Milliseconds: 0.25, Microseconds: 1, Bytes: 256}

// Comparison is one metric compared with its baseline.
type Comparison struct {
	Test      Test    `json:"test"`
	Name      string  `json:"name"`
	Unit      string  `json:"unit,omitempty"`
	Was       float64 `json:"was"`   // the baseline's median; for faults the maximum of any run
	Is        float64 `json:"is"`    // the same of this run
	Noise     float64 `json:"noise"` // how much worse it may be, in the metric's unit
	Better    Better  `json:"better"`
	Regressed bool    `json:"regressed,omitempty"`
	Improved  bool    `json:"improved,omitempty"`
	Missing   bool    `json:"missing,omitempty"` // only the baseline has it, which counts as a regression

	GeneratorLimited bool `json:"generator_limited,omitempty"` // in some run of either side, the generator was the bottleneck of the metric's phase
}

// Comparable returns an error if runs cannot be compared with a baseline, and otherwise a list of differences that may
// matter.
func Comparable(ours, baseline *Record) (differ []string, err error) {
	if err := ours.Plan.Same(&baseline.Plan); err != nil {
		return nil, err
	}
	if least := min(ours.Repeat, baseline.Repeat); least < minRuns {
		return nil, fmt.Errorf("the baseline has %d runs and --repeat is %d: at least %d on each side are needed to estimate noise",
			baseline.Repeat, ours.Repeat, minRuns)
	}
	was, is := baseline.Host, ours.Host
	if was.CPUs != is.CPUs {
		return nil, fmt.Errorf("the baseline was measured on %d CPUs, and there are %d here", was.CPUs, is.CPUs)
	}
	for _, g := range baseline.Groups {
		if _, had := g.median("server_cpu"); had && ours.Plan.ServerPID == 0 {
			return nil, errors.New("the baseline has figures of the server's CPU and memory: give --server-pid here too")
		}
	}
	for _, one := range [][3]string{{"server", baseline.Target, ours.Target}, {"kernel", was.Kernel, is.Kernel}, {"Go", was.Go, is.Go}} {
		if one[1] != one[2] {
			differ = append(differ, fmt.Sprintf("the baseline's %s was %s and is %s", one[0], one[1], one[2]))
		}
	}
	return differ, nil
}

// Compare compares the medians of two records, metric by metric.
func Compare(ours, baseline *Record) ([]Comparison, error) {
	if _, err := Comparable(ours, baseline); err != nil {
		return nil, err
	}
	var all []Comparison
	for _, was := range baseline.Groups {
		is := ours.group(was.Test)
		if len(was.Runs) == 0 || is == nil {
			return nil, fmt.Errorf("the %s test is not on both sides", was.Test)
		}
		for _, m := range was.Representative().Metrics {
			if m.Better != None {
				all = append(all, compare(m.Name, is, &was))
			}
		}
	}
	return all, nil
}

func compare(name string, is, was *Group) Comparison {
	before, m := was.values(name)
	now, _ := is.values(name)
	typical := median
	if m.Better == Zero { // if two of five runs lose messages, their median is 0
		typical = slices.Max[[]float64]
	}
	c := Comparison{Test: was.Test, Name: name, Unit: m.Unit, Better: m.Better, Was: typical(before)}
	c.GeneratorLimited = is.limited(phaseOf(name)) || was.limited(phaseOf(name))
	if len(now) == 0 {
		c.Missing, c.Regressed = true, true
		return c
	}
	c.Is = typical(now)
	c.Noise = noise(before, now, m)
	worse := c.Is - c.Was
	if m.Better == Higher {
		worse = -worse
	}
	c.Regressed, c.Improved = worse > c.Noise, worse < -c.Noise
	return c
}

// noise is the largest difference of two medians that means nothing: it follows from how much the runs of each side
// differ, and is at least a share of the baseline. Faults have no noise: one more lost message is one too many.
func noise(before, now []float64, m Metric) float64 {
	if m.Better == Zero {
		return 0
	}
	own := noiseDeviations * math.Hypot(deviation(before), deviation(now))
	return max(own, minNoise*math.Abs(median(before)), minDifference[m.Unit])
}
