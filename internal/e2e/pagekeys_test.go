package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestThePageNeedsNoMouse joins as a guest, writes to one user, and follows a topic, all with Tab, Enter, arrows and letters. The focus can be
// seen wherever it is.
func TestThePageNeedsNoMouse(t *testing.T) {
	s := serve(t, "MOMENTUM_DEV=1")
	bob := s.chatter(t, "bob")
	tab := newBrowser(t)
	do(t, tab, chromedp.Navigate("http://"+s.ws+"/demo/"), chromedp.WaitVisible("#join"))
	moveTo(t, tab, "name", kb.Tab)
	do(t, tab, chromedp.KeyEvent(kb.End), chromedp.KeyEvent("-ann"), chromedp.KeyEvent(kb.Enter), chromedp.WaitEnabled("#send"))
	shows(t, tab, "#me", "guest-ann")
	shows(t, tab, "#to option", "bob")

	moveTo(t, tab, "to", kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift))
	for i := 0; focus(t, tab).Choice != "bob"; i++ {
		if i == 10 {
			t.Fatal("no arrow leads to bob")
		}
		do(t, tab, chromedp.KeyEvent(kb.ArrowDown))
	}
	moveTo(t, tab, "text", kb.Tab)
	do(t, tab, chromedp.KeyEvent("for bob only"), chromedp.KeyEvent(kb.Enter))
	bob.expect("for bob only")
	shows(t, tab, "#log .own", "for bob only")

	moveTo(t, tab, "topic", kb.Tab)
	do(t, tab, chromedp.KeyEvent("room.7"), chromedp.KeyEvent(kb.Enter))
	shows(t, tab, "#topics li", "#room.7")
}

// focused is the element that has the focus.
type focused struct {
	ID      string
	Visible bool   // an outline of at least 2 pixels, in a colour that is not transparent, around an element on the screen
	Choice  string // of a select
}

// focus returns the element that has the focus.
func focus(t *testing.T, tab context.Context) focused {
	t.Helper()
	const look = `(() => {
		const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
		const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && !/, 0\)$|transparent/.test(style.outlineColor);
		return { ID: e.id || e.tagName, Visible: outlined && box.bottom > 0 && box.top < innerHeight, Choice: e.selectedOptions?.[0]?.text ?? "" };
	})()`
	ctx, stop := context.WithTimeout(tab, patience)
	defer stop()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[focused](look))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// moveTo presses a key until an element has the focus, and checks that each element on the way shows it.
func moveTo(t *testing.T, tab context.Context, id, key string, options ...chromedp.KeyOption) {
	t.Helper()
	const most = 40 // there are fewer elements on the page
	var way []string
	for range most {
		at := focus(t, tab)
		if at.ID != "BODY" && !at.Visible {
			t.Errorf("nobody sees the focus on %s", at.ID)
		}
		if at.ID == id {
			return
		}
		way = append(way, at.ID)
		do(t, tab, chromedp.KeyEvent(key, options...))
	}
	t.Fatalf("the focus does not come to %s: %s", id, strings.Join(way, " "))
}
