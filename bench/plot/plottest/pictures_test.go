package plottest

import (
	"slices"
	"testing"
)

func TestPicturesAreFound(t *testing.T) {
	all, err := Pictures("<p><svg><g/>\n</svg> and <svg></svg>")
	if want := []string{"<svg><g/>\n</svg>", "<svg></svg>"}; !slices.Equal(all, want) || err != nil {
		t.Errorf("%q, %v", all, err)
	}
}

func TestFaultsOfAPageAreErrors(t *testing.T) {
	for _, page := range []string{`<svg><g></svg>`, `<svg><g x="NaN"/></svg>`, `<svg><g y="+Inf"/></svg>`, `<img src="a">`, `<a href="https://example.com">`} {
		if _, err := Pictures(page); err == nil {
			t.Errorf("%s is no error", page)
		}
	}
	if _, err := Pictures(`<svg><g x="1"/></svg>`); err != nil {
		t.Error(err)
	}
}
