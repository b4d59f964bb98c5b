package plot

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"momentum/bench/plot/plottest"
)

// A name with markup must neither break the picture nor end the script element with its values.
func TestNamesWithMarkupAreEscaped(t *testing.T) {
	p := Plot{Title: "a < b", Subtitle: "</figure>", XUnit: "s", YUnit: "<ms>", Curves: []Curve{
		{Name: "</script><b>", Points: []Point{{0, 1}, {1, 2}}}, {Name: "dots", Dots: true, Points: []Point{{0, 3}, {1, 4}}},
	}, Bands: []Band{{Name: "<i>", To: 1}}}
	drawn := string(p.Draw())
	if _, err := plottest.Pictures(drawn); err != nil {
		t.Error(err)
	}
	for _, raw := range []string{"a < b", "</script><b>", "<ms>", "<i>"} {
		if strings.Contains(drawn, raw) {
			t.Errorf("%q is not escaped:\n%s", raw, drawn)
		}
	}
}

func TestACurveWithoutPointsIsDrawn(t *testing.T) {
	p := Plot{Until: 100, Curves: []Curve{{Name: "none", Filled: true}}}
	if _, err := plottest.Pictures(string(p.Draw())); err != nil {
		t.Error(err)
	}
}

func TestBandsAreDrawnWhereTheyAre(t *testing.T) {
	p := Plot{Until: 100, Bands: []Band{{"first", 0, 50}, {"short", 100, 100}}}
	bands := regexp.MustCompile(`<g class="band">.*?</g>`).FindAllString(string(p.Draw()), -1)
	want := []string{
		`<g class="band"><rect x="68.0" y="16" width="279.0" height="246"/><text text-anchor="middle" x="207.5" y="12">first</text></g>`,
		`<g class="band"><rect x="625.0" y="16" width="2.0" height="246"/><text text-anchor="middle" x="626.0" y="12">short</text></g>`,
	}
	if !slices.Equal(bands, want) {
		t.Errorf("%q, want %q", bands, want)
	}
}
