package e2e

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"momentum/server/auth"
)

// TestTwoTabsSeeEachOther opens the demo page in two tabs of Chromium, for two users that see each other's messages, with
// compression, which Chromium always offers, and without.
func TestTwoTabsSeeEachOther(t *testing.T) {
	for _, compression := range []string{"true", "false"} {
		t.Run("WS_COMPRESSION="+compression, func(t *testing.T) { seeEachOther(t, compression) })
	}
}

func seeEachOther(t *testing.T, compression string) {
	t.Helper()
	s := serve(t, "WS_COMPRESSION="+compression)
	first := newBrowser(t)
	s.open(t, first, "alice")
	second, closeSecond := chromedp.NewContext(first)
	defer closeSecond()
	s.open(t, second, "bob")

	sendFrom(t, first, "hello from the first tab", "#send")
	hear(t, second, "text", "hello from the first tab")
	long := strings.Repeat("a long message ", 60) // long enough to be compressed
	// The text is set and not typed, because each key costs ten milliseconds of processor time.
	do(t, first, chromedp.SetValue("#text", long), chromedp.Click("#send"))
	hear(t, second, "text", strings.TrimSpace(long))
	sendFrom(t, second, "an answer from the second", "#notify")
	hear(t, first, "notification", "an answer from the second")
	do(t, first, chromedp.Click("#ping"))
	hear(t, first, "pong", "")
	status, body := ask(t, "POST", "http://"+s.admin+"/ws/broadcast", `{"message_type":"system_message","data":{"content":"to both tabs"}}`)
	if status != 200 {
		t.Fatalf("broadcast: %d %s", status, body)
	}
	hear(t, first, "system_message", "to both tabs")
	hear(t, second, "system_message", "to both tabs")
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		picture, err := chromedp.Run(second, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/demo.png", picture, 0o644); err != nil {
			t.Error(err)
		}
	}
}

// TestThePageResumes cuts the page's connection while messages come, and then kills the node.
func TestThePageResumes(t *testing.T) {
	s := serve(t)
	c := newCable(t, s.ws)
	through := *s
	through.ws = c.addr
	tab := newBrowser(t)
	through.open(t, tab, "alice")
	s.publish(t, "", "before", "1")
	hear(t, tab, "text", "before")
	c.refuse.Store(true) // or the page could be back before the messages
	c.cut()
	s.publish(t, "", "meanwhile", "2")
	s.publish(t, "alice@example.com", "for alice", "3")
	c.refuse.Store(false)
	hear(t, tab, "text", "meanwhile")
	hear(t, tab, "text", "for alice")
	shows(t, tab, `#log .missed`, "meanwhile")
	shows(t, tab, `#log .note`, ", 2 missed messages.")
	do(t, tab, chromedp.Click("#disconnect"), chromedp.WaitEnabled("#connect"), chromedp.Click("#connect"))
	shows(t, tab, `#log .note`, "Nothing was missed.")
	s = s.restart(t)
	shows(t, tab, `#log .warning`, "Messages may be missing: the messages are numbered anew.")
	s.publish(t, "", "after", "1")
	hear(t, tab, "text", "after")
}

// sharedBrowser is the test program's Chromium. The first test that needs it starts it, because a start takes two seconds of processor time.
var sharedBrowser struct {
	sync.Mutex
	first context.Context // of its first tab, which no test uses
	stop  func()
}

// newBrowser returns a tab with storage, cookies and a cache of its own, as in a browser that has just been installed. The end of the test
// closes it, and the tabs that were opened from it.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	tab, closeTab := chromedp.NewContext(chromium(t), chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil { // the tab lives as long as the context of its first call
		t.Fatal(err)
	}
	return tab
}

// chromium starts the browser unless it runs, and returns the context of its first tab.
func chromium(t *testing.T) context.Context {
	t.Helper()
	sharedBrowser.Lock()
	defer sharedBrowser.Unlock()
	if sharedBrowser.first != nil {
		return sharedBrowser.first
	}
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("no chromium: `make test` installs it (Debian's chromium)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	first, closeFirst := chromedp.NewContext(allocated)
	sharedBrowser.stop = func() {
		closeFirst()
		stop()
	}
	if err := chromedp.Do(first); err != nil { // the browser lives as long as the context of its first call
		t.Fatal(err)
	}
	sharedBrowser.first = first
	return first
}

// closeBrowser ends the shared browser, if a test has started it.
func closeBrowser() {
	if sharedBrowser.stop != nil {
		sharedBrowser.stop()
	}
}

// open loads the page as a user, by the URL that development mode prints, and waits until it is connected.
func (s *serving) open(t *testing.T, tab context.Context, name string) {
	t.Helper()
	if err := chromedp.Do(tab); err != nil { // the tab lives as long as the context of its first call
		t.Fatal(err)
	}
	token, err := auth.Sign([]byte(testSecret), auth.Claims{
		UserID: auth.UserID(name + "@example.com"), Username: name,
		IssuedAt: time.Now().Unix(), ExpiresAt: time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	do(t, tab, chromedp.Navigate("http://"+s.ws+"/demo/#token="+token), chromedp.WaitEnabled("#send"))
}

func do(t *testing.T, tab context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	bounded, cancel := context.WithTimeout(tab, patience)
	defer cancel()
	if err := chromedp.Do(bounded, actions...); err != nil {
		t.Fatal(err)
	}
}

func sendFrom(t *testing.T, tab context.Context, text, button string) {
	t.Helper()
	do(t, tab, chromedp.SendKeys("#text", text), chromedp.Click(button))
}

// hear waits until the page shows a message of a type that contains the text.
func hear(t *testing.T, tab context.Context, kind, text string) {
	t.Helper()
	shows(t, tab, `#log .message[data-type="`+kind+`"]`, text)
}

// shows waits until an element contains the text. It polls with a timer, because a tab in the background draws no frames.
func shows(t *testing.T, tab context.Context, selector, text string) {
	t.Helper()
	found := "[...document.querySelectorAll(`" + selector + "`)].some(m => m.textContent.includes(`" + text + "`))"
	do(t, tab, chromedp.Poll[chromedp.Void](found, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(patience)))
}
