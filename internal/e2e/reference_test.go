package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheReferenceIsAccessible runs axe-core over /docs/, on a desk and a phone, light and dark, and follows a link. No text may be
// wider than a phone.
func TestTheReferenceIsAccessible(t *testing.T) {
	axe, err := os.ReadFile(filepath.Join(installNode(t, "axe"), "node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t)
	tab := newBrowser(t)
	do(t, tab, chromedp.Navigate("http://"+s.admin+"/docs/"), chromedp.WaitVisible("#openapi-call-online"))
	for _, scheme := range []string{"light", "dark"} {
		for device, width := range map[string]int64{"desk": 1100, "phone": 390} {
			do(t, tab, emulate(scheme), chromedp.EmulateViewport(width, 760))
			wantAccessible(t, tab, string(axe), fmt.Sprint("reference ", device, " ", scheme))
			picture(t, tab, fmt.Sprint("reference-", device, "-", scheme, ".png"))
			if widest, err := chromedp.Run(tab, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); err != nil || widest > width {
				t.Errorf("on a %s the page is %d pixels wide (%v)", device, widest, err)
			}
		}
	}
	do(t, tab, chromedp.Click(`nav a[href="#asyncapi-messages-welcome"]`), chromedp.WaitVisible(`#asyncapi-messages-welcome:target`))
}
