package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestAGuestJoinsAndSurvivesAReload opens the demo page of a node in development mode without a token.
func TestAGuestJoinsAndSurvivesAReload(t *testing.T) {
	s := serve(t, "MOMENTUM_DEV=1")
	tab := newBrowser(t)
	do(t, tab, chromedp.Navigate("http://"+s.ws+"/demo/"), chromedp.WaitVisible("#join"), chromedp.Click("#join"), chromedp.WaitEnabled("#send"))
	shows(t, tab, "#me", "guest")
	do(t, tab, chromedp.SendKeys("#topic", "room.7"), chromedp.Click("#follow"))
	shows(t, tab, "#topics li", "#room.7")
	s.publish(t, "", "look at https://momentum.example/a?b=1.", "1")
	shows(t, tab, "#log .message a[href='https://momentum.example/a?b=1']", "https://momentum.example/a?b=1")
	do(t, tab, chromedp.Reload(), chromedp.WaitEnabled("#send"))
	shows(t, tab, "#me", "guest")
	shows(t, tab, "#topics li", "#room.7")
	shows(t, tab, "#log .message", "look at https://momentum.example")
	shows(t, tab, "#log .note", "Nothing was missed.")
	s.publish(t, "", "after the reload", "2")
	hear(t, tab, "text", "after the reload")
}

// TestAGuestJoinsAgainWhenTheServerHasAnotherSecret, as a node in development mode has after each start.
func TestAGuestJoinsAgainWhenTheServerHasAnotherSecret(t *testing.T) {
	s := serve(t, "MOMENTUM_DEV=1")
	tab := newBrowser(t)
	do(t, tab, chromedp.Navigate("http://"+s.ws+"/demo/"), chromedp.WaitVisible("#join"), chromedp.Click("#join"), chromedp.WaitEnabled("#send"))
	s.publish(t, "", "before", "1")
	hear(t, tab, "text", "before")
	s = s.restart(t, "MOMENTUM_DEV=1", "JWT_SECRET=a secret that is made for each start")
	shows(t, tab, "#state[data-state=failed]", "signed with another secret")
	do(t, tab, chromedp.WaitVisible("#log .message"), chromedp.WaitVisible("#join"), chromedp.Click("#join"), chromedp.WaitEnabled("#send"))
	s.publish(t, "", "after", "2")
	hear(t, tab, "text", "after")
}

// TestTopicsAndFailuresOnThePage writes to a topic, to nobody, and to an id that is none.
func TestTopicsAndFailuresOnThePage(t *testing.T) {
	s := serve(t, "TOPICS_DEFAULT=all")
	tab := newBrowser(t)
	s.open(t, tab, "alice")
	second, closeSecond := chromedp.NewContext(tab)
	defer closeSecond()
	s.open(t, second, "bob")
	for _, each := range []context.Context{tab, second} {
		do(t, each, chromedp.SendKeys("#topic", "room.7"), chromedp.Click("#follow"))
		shows(t, each, "#to option:checked", "#room.7")
	}
	sendFrom(t, tab, "for the room", "#send")
	shows(t, second, "#log .topical", "for the room")
	shows(t, tab, "#log .own.topical", "sent")
	do(t, tab, chromedp.SetValue("#to", "other"), change("#to"), chromedp.SendKeys("#other", "no id"))
	sendFrom(t, tab, "for nobody", "#send")
	shows(t, tab, "#log .own.failed", "not sent")
	shows(t, tab, "#log .warning", "bad_user_id")
}

// TestThePageIsAccessible runs axe-core over the page: empty, connected, with a failure, back, waiting, failed; on a desk and a phone, light and
// dark. SCREENSHOTS is a folder for pictures of them.
func TestThePageIsAccessible(t *testing.T) {
	axe, err := os.ReadFile(filepath.Join(installNode(t, "axe"), "node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, "MOMENTUM_DEV=1")
	c := newCable(t, s.ws)
	through := *s
	through.ws = c.addr
	tab := newBrowser(t)
	do(t, tab, chromedp.Navigate("http://"+c.addr+"/demo/"), chromedp.WaitVisible("#join"))
	look := func(name string) {
		t.Helper()
		for _, scheme := range []string{"light", "dark"} {
			for device, width := range map[string]int64{"desk": 1100, "phone": 390} {
				do(t, tab, emulate(scheme), chromedp.EmulateViewport(width, 760))
				wantAccessible(t, tab, string(axe), fmt.Sprint(name, " ", device, " ", scheme))
				picture(t, tab, fmt.Sprint(name, "-", device, "-", scheme, ".png"))
			}
		}
	}
	look("empty")
	through.open(t, tab, "alice")
	bob := s.chatter(t, "bob")
	bob.say("text Did you see https://momentum.example/news?")
	bob.say("notification Deploy at noon")
	hear(t, tab, "notification", "Deploy at noon")
	do(t, tab, chromedp.SendKeys("#topic", "room.7"), chromedp.Click("#follow"))
	shows(t, tab, "#to option:checked", "#room.7")
	sendFrom(t, tab, "for the room", "#send")
	do(t, tab, chromedp.SetValue("#to", ""), change("#to"))
	sendFrom(t, tab, "for everybody", "#send")
	do(t, tab, chromedp.SetValue("#to", "other"), change("#to"), chromedp.SendKeys("#other", "no id"))
	sendFrom(t, tab, "for nobody", "#send")
	shows(t, tab, "#log .failed", "not sent")
	if status, body := ask(t, "POST", "http://"+s.admin+"/ws/broadcast", `{"message_type":"system_message","data":"maintenance at noon"}`); status != 200 {
		t.Fatal(status, body)
	}
	hear(t, tab, "system_message", "maintenance at noon")
	look("connected")
	c.cut()
	s.publish(t, "", "meanwhile", "1")
	shows(t, tab, "#log .note", "missed message")
	look("back")
	if status, body := ask(t, "POST", "http://"+s.admin+"/ws/drain", "{}"); status != 200 {
		t.Fatal(status, body)
	}
	shows(t, tab, "#countdown", "trying again in")
	look("waiting")
	do(t, tab, chromedp.Click("#disconnect"), chromedp.SetValue("#token", "not a token"), chromedp.Click("#connect"))
	shows(t, tab, "#state[data-state=failed]", "closed:")
	look("failed")
}

// wantAccessible fails for each violation that axe-core finds.
func wantAccessible(t *testing.T, tab context.Context, axe, name string) {
	t.Helper()
	ctx, stop := context.WithTimeout(tab, patience)
	defer stop()
	loaded, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`"axe" in window`))
	if err != nil {
		t.Fatal(err)
	}
	if loaded {
		axe = "" // the page has not been loaded again since
	}
	const violations = `axe.run().then(({ violations }) => violations.map((v) => v.id + ": " + v.help + " " + v.nodes.map((n) => n.html + " " + n.failureSummary).join("; ")))`
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](axe+";"+violations, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	for _, violation := range found {
		t.Errorf("%s: %s", name, violation)
	}
}

// emulate sets the colours that the user of the browser prefers.
func emulate(scheme string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (v chromedp.Void, err error) {
		_, err = cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return v, err
	}
}

// change tells a field's listeners that its value has changed.
func change(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](`document.querySelector("` + selector + `").dispatchEvent(new Event("change"))`)
}

// picture keeps a picture of the page in the folder SCREENSHOTS, if there is one.
func picture(t *testing.T, tab context.Context, name string) {
	t.Helper()
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, strings.ReplaceAll(name, " ", "-")), png, 0o644); err != nil {
		t.Error(err)
	}
}
