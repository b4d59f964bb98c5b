package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"momentum/internal/redistest"
	"momentum/server/auth"
)

// dashboard opens the dashboard of a node in a tab, with a token if it needs one.
func (s *serving) dashboard(t *testing.T, tab context.Context, token string) {
	t.Helper()
	do(t, tab, chromedp.Navigate("http://"+s.admin+"/"))
	if token != "" {
		do(t, tab, chromedp.WaitVisible("#token"), chromedp.SendKeys("#token", token+kb.Enter))
	}
	shows(t, tab, "#live", "live")
}

// goTo shows a section of the dashboard.
func goTo(t *testing.T, tab context.Context, section string) {
	t.Helper()
	do(t, tab, chromedp.Click(`nav a[href="#/`+section+`"]`), chromedp.WaitVisible("#"+section))
}

// evaluate returns the value of an expression in the page.
func evaluate[T any](t *testing.T, tab context.Context, expression string) T {
	t.Helper()
	ctx, stop := context.WithTimeout(tab, patience)
	defer stop()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestTheDashboardShowsAStorm opens the page while 15,000 clients come, and compares it with /ws/stats.
func TestTheDashboardShowsAStorm(t *testing.T) {
	const clients = 15_000
	axe, err := os.ReadFile(filepath.Join(installNode(t, "axe"), "node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, "WS_HANDSHAKE_RATE=1500", "NODE_NAME=chat-1")
	tab := newBrowser(t)
	s.dashboard(t, tab, "")
	shows(t, tab, "#state", "Calm")
	s.lookAt(t, tab, string(axe), "calm", "now")
	over := make(chan struct{})
	go func() {
		defer close(over)
		s.storm(t, clients, "127.0.0.2,127.0.0.3")
	}()
	shows(t, tab, "#state", "Storm")
	second, closeSecond := chromedp.NewContext(tab)
	defer closeSecond()
	if err := chromedp.Do(second); err != nil {
		t.Fatal(err)
	}
	s.dashboard(t, second, "") // in the middle of the storm: the history shows how it began
	shows(t, second, "#state", "Storm")
	var past struct {
		States []struct{ State string }
	}
	if err := json.Unmarshal(openStream(t, "http://"+s.admin).find("history"), &past); err != nil || len(past.States) < 2 || past.States[0].State != "calm" || past.States[1].State != "storm" {
		t.Errorf("in the middle of the storm the history has the states %v, %v", past.States, err)
	}
	s.lookAt(t, tab, string(axe), "storm", "now")
	<-over
	for i := range 100 {
		s.mustEnter(t, signFor(t, fmt.Sprint("user-", i)))
	}
	s.agrees(t, tab, 100)
}

// TestTheDashboardAsksForAToken, on the WebSocket port, which has the same access rule: it says why one is refused, keeps it over a reload and no longer, and shows what a token that may only read cannot do.
func TestTheDashboardAsksForAToken(t *testing.T) {
	const read, write = "a token that may read", "a token that may write"
	s := serve(t, "ADMIN_TOKENS=grafana:read:"+read+",on-call:write:"+write)
	s.chatter(t, "alice")
	tab := newBrowser(t)
	do(t, tab, chromedp.Navigate("http://"+s.ws+"/"), chromedp.WaitVisible("#token"))
	shows(t, tab, "#gate", "ADMIN_TOKENS")
	if text := evaluate[string](t, tab, `document.querySelector("#refusal").textContent + document.querySelector("#storm").textContent`); text != "" {
		t.Errorf("without a token the page says %q", text)
	}
	do(t, tab, chromedp.SendKeys("#token", "a guess"+kb.Enter))
	shows(t, tab, "#refusal", "does not accept this token")
	do(t, tab, chromedp.SendKeys("#token", read+kb.Enter))
	shows(t, tab, "#live", "live")
	shows(t, tab, "#caller", "grafana (read)")
	goTo(t, tab, "users")
	shows(t, tab, "#users table", "alice")
	if disabled := evaluate[bool](t, tab, `[...document.querySelectorAll("[data-write]")].every(b => b.disabled && b.title.includes("may only read"))`); !disabled {
		t.Error("a token that may only read can press a button that needs the right write")
	}
	goTo(t, tab, "messages")
	shows(t, tab, "#messages .readonly", "may only read")
	do(t, tab, chromedp.Reload())
	shows(t, tab, "#caller", "grafana (read)")
	if kept := evaluate[string](t, tab, `JSON.stringify([localStorage.length, document.cookie, location.href.includes("token")])`); kept != `[0,"",false]` {
		t.Errorf("the browser keeps %s", kept)
	}
	do(t, tab, chromedp.Click("#forget"), chromedp.WaitVisible("#token"))
	if n := evaluate[int](t, tab, `sessionStorage.length`); n != 0 {
		t.Error("the tab keeps the token")
	}
	do(t, tab, chromedp.SendKeys("#token", write+kb.Enter))
	shows(t, tab, "#caller", "on-call (write)")
}

// TestTheDashboardActs: an administrator finds a user, disconnects it, bans it and lifts the ban, and sends a message, by the keyboard where it matters.
func TestTheDashboardActs(t *testing.T) {
	s := serve(t)
	alice, bob := s.chatter(t, "alice"), s.chatter(t, "bob")
	tab := newBrowser(t)
	s.dashboard(t, tab, "")
	goTo(t, tab, "messages")
	do(t, tab, chromedp.SendKeys("#content", "maintenance at noon"), chromedp.Click("#messages [data-write]"))
	shows(t, tab, "#messages .note", "Sent to 2 connections")
	alice.expect("maintenance at noon")
	goTo(t, tab, "users")
	do(t, tab, chromedp.SendKeys(`#users [name="text"]`, "BOB"+kb.Enter))
	shows(t, tab, "#users .note", "1 found")
	do(t, tab, chromedp.Focus("#users td .danger"), chromedp.KeyEvent(kb.Enter))
	shows(t, tab, "#users td .danger", "Disconnect bob?")
	do(t, tab, chromedp.KeyEvent(kb.Enter))
	shows(t, tab, "#users .note", "1 connections of bob are closed")
	bob.expect("4004")
	s.disconnects(t, tab)
	id := auth.UserID("alice@example.com").String()
	goTo(t, tab, "bans")
	do(t, tab, chromedp.SendKeys(`#bans [name="user"]`, id), chromedp.Click(`#bans [type="submit"]`))
	shows(t, tab, "#bans .banned", id)
	do(t, tab, chromedp.Click("#bans .banned button"), chromedp.Click("#bans .banned button"))
	shows(t, tab, "#bans .note", "is lifted")
	goTo(t, tab, "closes")
	shows(t, tab, "#closes table", "disconnected")
	goTo(t, tab, "changes")
	shows(t, tab, "#changes table", "DELETE /ws/bans/"+id)
	do(t, tab, chromedp.Focus(`nav a[href="#/nodes"]`), chromedp.KeyEvent(kb.Enter))
	shows(t, tab, "#nodes .note", "alone")
}

// disconnects closes a connection in the section of the heaviest ones, if the node has that call; otherwise the section is hidden.
func (s *serving) disconnects(t *testing.T, tab context.Context) {
	t.Helper()
	status, _ := ask(t, "GET", "http://"+s.admin+"/ws/connections", "")
	hidden := evaluate[bool](t, tab, `document.querySelector('nav a[href="#/connections"]').hidden`)
	if hidden != (status == 404) {
		t.Errorf("the section of connections is hidden: %v, and the call answers %d", hidden, status)
	}
	if hidden {
		return
	}
	carol := s.chatter(t, "carol")
	goTo(t, tab, "connections")
	shows(t, tab, "#connections table", "carol")
	const button = `[...document.querySelectorAll("#connections tbody tr")].find(r => r.textContent.includes("carol")).querySelector("button")`
	evaluate[bool](t, tab, button+`.focus(); `+button+`.click(); `+button+`.click(); true`)
	shows(t, tab, "#connections .note", "The connection of carol is closed")
	carol.expect("4004")
}

// TestEachSectionOfTheDashboardIsAccessible runs axe-core over all sections, the form for the token, and a drain.
func TestEachSectionOfTheDashboardIsAccessible(t *testing.T) {
	axe, err := os.ReadFile(filepath.Join(installNode(t, "axe"), "node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, "TOPICS_DEFAULT=all")
	s.chatter(t, "alice")
	tab := newBrowser(t)
	s.dashboard(t, tab, "")
	s.lookAt(t, tab, string(axe), "sections", "users", "topics", "messages", "bans", "closes", "changes", "nodes")
	closed := serve(t, "ADMIN_TOKEN=open sesame")
	do(t, tab, chromedp.Navigate("http://"+closed.admin+"/"), chromedp.WaitVisible("#token"))
	wantAccessible(t, tab, string(axe), "the form for the token")
	picture(t, tab, "dashboard-token.png")
	s.dashboard(t, tab, "")
	if status, body := ask(t, "POST", "http://"+s.admin+"/ws/drain", "{}"); status != 200 {
		t.Fatal(status, body)
	}
	shows(t, tab, "#drain-text", "connections are left")
	wantAccessible(t, tab, string(axe), "a drain")
	picture(t, tab, "dashboard-drain.png")
}

// TestTheDashboardNamesAFailingPartInEachSection takes Redis away from a node, and opens a section that does not show parts.
func TestTheDashboardNamesAFailingPartInEachSection(t *testing.T) {
	redis := redistest.Start(t)
	s := serve(t, "REDIS_URL="+redis.URL())
	s.isReady(t)
	tab := newBrowser(t)
	s.dashboard(t, tab, "")
	goTo(t, tab, "nodes")
	if hidden := evaluate[bool](t, tab, `document.querySelector("#faults").hidden`); !hidden {
		t.Error("the page of a node that is ready names faults")
	}
	redis.Kill(t)
	shows(t, tab, "#faults:not([hidden])", "cluster: the node cannot reach the other nodes of its cluster")
	redis.Restart(t)
	shows(t, tab, "#faults[hidden]", "")
}

// TestTheDashboardShowsOnAPhoneWhichNodesAnswer: the columns that may be long come last.
func TestTheDashboardShowsOnAPhoneWhichNodesAnswer(t *testing.T) {
	s := serve(t)
	tab := newBrowser(t)
	do(t, tab, chromedp.EmulateViewport(390, 844))
	s.dashboard(t, tab, "")
	goTo(t, tab, "nodes")
	shows(t, tab, "#nodes td", "yes")
	if right := evaluate[float64](t, tab, `[...document.querySelectorAll("#nodes td")].find((cell) => cell.textContent === "yes").getBoundingClientRect().right`); right > 390 {
		t.Errorf("the cell that says whether the node has answered ends at %v of 390 pixels", right)
	}
}

// TestTheChartLibraryIsAsPublished compares our copy with the package, whose integrity npm checks.
func TestTheChartLibraryIsAsPublished(t *testing.T) {
	published := filepath.Join(installNode(t, "uplot"), "node_modules/uplot")
	for ours, theirs := range map[string]string{"uPlot.esm.js": "dist/uPlot.esm.js", "uPlot.min.css": "dist/uPlot.min.css", "LICENSE": "LICENSE"} {
		want, err := os.ReadFile(filepath.Join(published, theirs))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile("../../web/dashboard/uplot/" + ours)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("web/dashboard/uplot/%s is not that of the package: %v", ours, err)
		}
	}
}

// agrees compares the page with /ws/stats when nothing changes.
func (s *serving) agrees(t *testing.T, tab context.Context, clients int) {
	t.Helper()
	_, body := ask(t, "GET", "http://"+s.admin+"/ws/stats", "")
	var stats struct {
		Connections int `json:"total_connections"`
		Most        int `json:"max_connections"`
	}
	if err := json.Unmarshal([]byte(body), &stats); err != nil {
		t.Fatal(err)
	}
	if stats.Connections != clients {
		t.Errorf("%d connections of %d clients", stats.Connections, clients)
	}
	shows(t, tab, ".tile:nth-child(2) .big", strconv.Itoa(clients))
	shows(t, tab, ".tile:first-child .big", strconv.Itoa(stats.Connections))
	shows(t, tab, ".tile:first-child .faint", "limit "+grouped(stats.Most))
}

// grouped writes a number with commas, as the page does.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// lookAt runs axe-core over sections of the page, light and dark, on a desk and a phone, and takes pictures.
func (s *serving) lookAt(t *testing.T, tab context.Context, axe, when string, sections ...string) {
	t.Helper()
	for _, section := range sections {
		goTo(t, tab, section)
		for _, scheme := range []string{"light", "dark"} {
			for device, width := range map[string]int64{"desk": 1280, "phone": 390} {
				do(t, tab, emulate(scheme), chromedp.EmulateViewport(width, 900))
				name := fmt.Sprint("dashboard-", when, "-", section, "-", device, "-", scheme)
				wantAccessible(t, tab, axe, name)
				picture(t, tab, name+".png")
			}
		}
	}
}
