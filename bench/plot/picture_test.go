package plot

import (
	"strings"
	"testing"

	"momentum/bench/plot/plottest"
)

func TestAPictureIsAFileOfItsOwn(t *testing.T) {
	p := Plot{Title: "a < b", Subtitle: "<i>", XUnit: "s", YUnit: "%", Curves: []Curve{
		{Name: "<u>", Filled: true, Points: []Point{{0, 1}, {1, 2}}}, {Name: "dots", Dots: true, Points: []Point{{0, 3}, {1, 4}}},
	}, Bands: []Band{{Name: "rest", To: 1}}}
	drawn := p.Picture()
	pictures, err := plottest.Pictures(strings.Replace(drawn, `xmlns="http://www.w3.org/2000/svg"`, "", 1))
	if err != nil || len(pictures) != 1 {
		t.Errorf("%d pictures, %v", len(pictures), err)
	}
	for _, want := range []string{"<svg xmlns=", "a &lt; b", "&lt;i&gt;", `class="c0" fill="currentColor">  — &lt;u&gt;<`, `class="curve c0"`, `class="dot c1"`, ">rest<"} {
		if !strings.Contains(drawn, want) {
			t.Errorf("the picture has no %q:\n%s", want, drawn)
		}
	}
}
