package rolling

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"momentum/bench/plot/plottest"
)

func pageOf(t *testing.T, r *Record) string {
	t.Helper()
	page, err := r.Page()
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestThePageShowsEachRestart(t *testing.T) {
	page := pageOf(t, measured(Drain))
	pictures, err := plottest.Pictures(page)
	if err != nil || len(pictures) != 3 {
		t.Fatalf("%d pictures, %v", len(pictures), err)
	}
	for _, p := range pictures {
		bands := regexp.MustCompile(`<g class="band">.*?</g>`).FindAllString(p, -1)
		want := []string{
			`<g class="band"><rect x="193.6" y="16" width="69.7" height="246"/><text text-anchor="middle" x="228.4" y="12">node 1: 1.2 s</text></g>`,
			`<g class="band"><rect x="430.7" y="16" width="27.9" height="246"/><text text-anchor="middle" x="444.6" y="12">node 2: 0.5 s</text></g>`,
		}
		if !slices.Equal(bands, want) {
			t.Errorf("%q, want %q", bands, want)
		}
	}
	for _, cells := range []string{"1, 2.2 s, 3.2 s, 3.5 s, 1.2 s, 250, 0.5 s", "2, 6.5 s, 6.8 s, 7.0 s, 0.5 s, 150, 1.5 s"} {
		if !strings.Contains(page, "<tr><td>"+strings.ReplaceAll(cells, ", ", `</td><td class="n">`)+"</td></tr>") {
			t.Errorf("no row %s", cells)
		}
	}
}

func TestThePageShowsTheResult(t *testing.T) {
	r := measured(Kill)
	r.Figures.Delivered, r.Figures.Twice, r.Figures.Unordered, r.Figures.Gaps, r.Figures.Apart = 9893, 6, 5, 4, 3
	page := pageOf(t, r)
	for name, want := range map[string]string{
		"deliveries due": "9900", "delivered": "9893", "lost": "7", "twice": "6", "out of order": "5", "gaps": "4", "clients locked out": "3",
		"longest away, of 5 s allowed": "1.2</b> <small>s",
	} {
		if !strings.Contains(page, fmt.Sprintf("<b>%s</b><span>%s</span>", want, name)) && !strings.Contains(page, fmt.Sprintf("<b>%s</small><span>%s</span>", want, name)) {
			t.Errorf("no %s %s", want, name)
		}
	}
	for _, want := range []string{"kill -9", `<span class="badge failed">9893 of 9900 messages were delivered</span>`, `<span class="badge failed">6 messages were delivered twice</span>`, "2 nodes behind one HAProxy", "300 clients", "900 direct messages", "30 broadcasts", "&lt;commit&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, `class="badge ok"`) {
		t.Error("the page of a run that failed says that it did not")
	}
	if page := pageOf(t, measured(Drain)); !strings.Contains(page, "each node drained") || !strings.Contains(page, `class="badge ok"`) {
		t.Error("the page of a clean drain says something else")
	}
}

func TestARunWithoutSecondsHasAPage(t *testing.T) {
	if page := pageOf(t, New(Drain)); strings.Contains(page, "<svg") {
		t.Error("a plot without points")
	}
}
