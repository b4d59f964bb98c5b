package report

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

// A name with markup must neither break the picture nor end the script element with its values.
func TestNamesWithMarkupAreEscaped(t *testing.T) {
	p := plot{title: "a < b", subtitle: "</figure>", xUnit: "s", yUnit: "<ms>", curves: []curve{
		{name: "</script><b>", points: []point{{0, 1}, {1, 2}}}, {name: "dots", dots: true, points: []point{{0, 3}, {1, 4}}},
	}}
	drawn := string(p.draw())
	wellFormed(t, drawn[strings.Index(drawn, "<svg"):strings.Index(drawn, "</svg>")+len("</svg>")])
	for _, raw := range []string{"a < b", "</script><b>", "<ms>"} {
		if strings.Contains(drawn, raw) {
			t.Errorf("%q is not escaped:\n%s", raw, drawn)
		}
	}
}

// wellFormed fails the test if the picture is not well-formed XML or has an invalid coordinate.
func wellFormed(t *testing.T, picture string) {
	t.Helper()
	if strings.Contains(picture, "NaN") || strings.Contains(picture, "Inf") {
		t.Error("a coordinate is not a number")
	}
	d := xml.NewDecoder(strings.NewReader(picture))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%v in %.200s", err, picture)
		}
	}
}
