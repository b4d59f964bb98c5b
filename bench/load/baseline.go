package load

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

const (
	// deviations is how many of the runs' own spread a median may be worse by.
	noiseDeviations = 3

	// enoughRuns is how many runs, on either side, say something about their spread. A storm's latencies differ twofold
	// from one run to the next: single runs of one and the same server are called a regression every time.
	minRuns = 5

	// leastNoise is the share that is never called a regression: two builds of the same source differ by it.
	minNoise = 0.10
)

// leastDifference keeps relative bounds from judging what is next to nothing, by unit.
var minDifference = map[string]float64{Milliseconds: 0.25, Microseconds: 1, Bytes: 256}

// Comparison is one metric against its baseline.
type Comparison struct {
	Test      Test    `json:"test"`
	Name      string  `json:"name"`
	Unit      string  `json:"unit,omitempty"`
	Was       float64 `json:"was"`   // the baseline's median; of faults the most of any run
	Is        float64 `json:"is"`    // ours
	Noise     float64 `json:"noise"` // by how much it may be worse, in the metric's unit
	Better    Better  `json:"better"`
	Regressed bool    `json:"regressed,omitempty"`
	Improved  bool    `json:"improved,omitempty"`
	Missing   bool    `json:"missing,omitempty"` // the baseline has it and this run does not: counted as a regression

	GeneratorLimited bool `json:"generator_limited,omitempty"` // in a run of either side, the generator was the bottleneck of the metric's phase
}

// Comparable says what stands between runs and a baseline: an error if they cannot be compared, else what differs and
// may matter.
func Comparable(ours, baseline *Record) (differ []string, err error) {
	if err := ours.Plan.Same(&baseline.Plan); err != nil {
		return nil, err
	}
	if least := min(ours.Repeat, baseline.Repeat); least < minRuns {
		return nil, fmt.Errorf("the baseline has %d runs and --repeat is %d: fewer than %d on either side say too little about noise",
			baseline.Repeat, ours.Repeat, minRuns)
	}
	was, is := baseline.Host, ours.Host
	if was.CPUs != is.CPUs {
		return nil, fmt.Errorf("the baseline was measured on %d CPUs, and there are %d here", was.CPUs, is.CPUs)
	}
	for _, g := range baseline.Groups {
		if _, had := g.median("server_cpu"); had && ours.Plan.ServerPID == 0 {
			return nil, errors.New("the baseline has the server's CPU and memory: give --server-pid here too")
		}
	}
	for _, one := range [][3]string{{"server", baseline.Target, ours.Target}, {"kernel", was.Kernel, is.Kernel}, {"Go", was.Go, is.Go}} {
		if one[1] != one[2] {
			differ = append(differ, fmt.Sprintf("the baseline's %s was %s and is %s", one[0], one[1], one[2]))
		}
	}
	return differ, nil
}

// Compare sets the medians of ours against those of the baseline, metric by metric.
func Compare(ours, baseline *Record) ([]Comparison, error) {
	if _, err := Comparable(ours, baseline); err != nil {
		return nil, err
	}
	var all []Comparison
	for _, was := range baseline.Groups {
		is := ours.group(was.Test)
		if len(was.Runs) == 0 || is == nil {
			return nil, fmt.Errorf("there is no %s test on both sides", was.Test)
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
	if m.Better == Zero { // two runs of five that lose messages have a median of none
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

// noise is the difference of two medians that means nothing: what the runs differ by among themselves, and in any
// case a share of the baseline. Faults have none: one lost message more is one too many.
func noise(before, now []float64, m Metric) float64 {
	if m.Better == Zero {
		return 0
	}
	own := noiseDeviations * math.Hypot(deviation(before), deviation(now))
	return max(own, minNoise*math.Abs(median(before)), minDifference[m.Unit])
}
