package plot

import (
	"strings"
	"testing"

	"momentum/bench/plot/plottest"
)

// A name with markup must neither break the picture nor end the script element with its values.
func TestNamesWithMarkupAreEscaped(t *testing.T) {
	p := Plot{Title: "a < b", Subtitle: "</figure>", XUnit: "s", YUnit: "<ms>", Curves: []Curve{
		{Name: "</script><b>", Points: []Point{{0, 1}, {1, 2}}}, {Name: "dots", Dots: true, Points: []Point{{0, 3}, {1, 4}}},
	}}
	drawn := string(p.Draw())
	if _, err := plottest.Pictures(drawn); err != nil {
		t.Error(err)
	}
	for _, raw := range []string{"a < b", "</script><b>", "<ms>"} {
		if strings.Contains(drawn, raw) {
			t.Errorf("%q is not escaped:\n%s", raw, drawn)
		}
	}
}
