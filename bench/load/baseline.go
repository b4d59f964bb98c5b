package load

import (
	"fmt"
	"math"
)

const (
	// deviations is how many of the runs' own spread a median may be worse by.
	deviations = 3

	// enoughRuns is how many runs, on either side, say something about their spread.
	enoughRuns = 3

	// leastNoise is the share that is never called a regression: two builds of the same source differ by it.
	leastNoise = 0.10

	// unknownNoise takes its place with fewer than enoughRuns: so much do single runs on a quiet host differ.
	unknownNoise = 0.30
)

// leastDifference keeps relative bounds from judging what is next to nothing, by unit.
var leastDifference = map[string]float64{Milliseconds: 0.25, Cores: 0.05, Bytes: 256}

// Comparison is one metric against its baseline.
type Comparison struct {
	Test      Test    `json:"test"`
	Name      string  `json:"name"`
	Unit      string  `json:"unit,omitempty"`
	Was       float64 `json:"was"`   // the baseline's median
	Is        float64 `json:"is"`    // ours
	Noise     float64 `json:"noise"` // by how much it may be worse, in the metric's unit
	Better    Better  `json:"better"`
	Regressed bool    `json:"regressed,omitempty"`
	Improved  bool    `json:"improved,omitempty"`
	Missing   bool    `json:"missing,omitempty"` // the baseline has it and this run does not: counted as a regression
}

// Compare sets the medians of ours against those of the baseline, metric by metric.
func Compare(ours, baseline *Record) ([]Comparison, error) {
	if err := ours.Plan.Same(&baseline.Plan); err != nil {
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
	c := Comparison{Test: was.Test, Name: name, Unit: m.Unit, Better: m.Better, Was: median(before)}
	if len(now) == 0 {
		c.Missing, c.Regressed = true, true
		return c
	}
	c.Is = median(now)
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
	share := leastNoise
	if min(len(before), len(now)) < enoughRuns {
		share = unknownNoise
	}
	own := deviations * math.Hypot(spread(before), spread(now))
	return max(own, share*math.Abs(median(before)), leastDifference[m.Unit])
}
