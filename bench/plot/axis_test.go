package plot

import "testing"

func TestAxesCoverTheirValues(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		log       bool
	}{{0, 0, false}, {0, 1, false}, {0, 15000, false}, {3, 3, false}, {.07, 14, true}, {1, 1, true}, {0, 0, true}, {.001, 3.6e6, true}, {2, 4, true}} {
		a := newAxis(c.low, c.high, 0, 100, c.log)
		if len(a.ticks) < 2 || len(a.ticks) > 11 || a.low > max(c.low, 1e-3) || a.high < c.high {
			t.Errorf("%+v: %v to %v, ticks %v", c, a.low, a.high, a.ticks)
		}
		if at := a.position(c.high); at < 0 || at > 100 {
			t.Errorf("%+v: at %v", c, at)
		}
	}
}

func TestTicksAreRound(t *testing.T) {
	for raw, want := range map[float64]float64{.7: 1, 1: 1, 1.2: 2, 3: 5, 7: 10, 300: 500} {
		if got := niceStep(raw); got != want {
			t.Errorf("the step above %v is %v, want %v", raw, got, want)
		}
	}
	for v, want := range map[float64]string{0: "0", 9999: "9999", 20000: "20k", 1_500_000: "1.5M"} {
		if got := tickLabel(v); got != want {
			t.Errorf("the label of %v is %q, want %q", v, got, want)
		}
	}
}
