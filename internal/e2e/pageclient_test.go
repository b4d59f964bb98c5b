package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	coder "github.com/coder/websocket"

	"momentum/internal/postgrestest"
	"momentum/internal/redistest"
	"momentum/server/auth"
)

// These tests run momentum.js in Chromium, in a page of another site than the node's, so that every question about a failed
// handshake needs the node's permission.

// clientPage is a page with a client, which notes all that the program gets.
type clientPage struct {
	t   *testing.T
	tab context.Context
}

// told is an event of the client.
type told struct {
	At     float64 // seconds since the page was made
	State  string
	Why    string
	Until  float64 // like At
	ID     string  // of a message
	News   *welcome
	Reason *string // given to the token function
}

// newSite serves an empty page on an origin of its own.
func newSite(t *testing.T) string {
	t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>a page</title>"))
	}))
	t.Cleanup(site.Close)
	return site.URL
}

// loadClient loads the page of a site, and the client of a node, perhaps through a cable.
func loadClient(t *testing.T, site, addr string) *clientPage {
	t.Helper()
	p := &clientPage{t, newBrowser(t)}
	do(t, p.tab, chromedp.Navigate(site))
	p.run(fmt.Sprintf(`(async () => {
		const { connect } = await import("http://%[1]s/client/momentum.js");
		window.told = [];
		window.join = (tokens) => {
			const begun = Date.now(), now = (at) => (at - begun) / 1000;
			const told = window.told = []; // an earlier client keeps its own
			const note = (event) => told.push({ at: now(Date.now()), ...event });
			const next = async (reason) => {
				note({ reason });
				return tokens.shift() || Promise.reject(new Error("no token"));
			};
			window.client = connect({ url: "ws://%[1]s/ws", token: tokens.length > 1 ? next : tokens[0] });
			client.on("state", ({ state, why, until }) => note({ state, why, until: until && now(until) }));
			client.on("message", ({ id }) => note({ id }));
			client.on("resumed", (news) => note({ news }));
		};
	})()`, addr))
	return p
}

// connect connects the client. Its token function returns each of the tokens in turn, and fails for an empty one; one token alone
// is a string.
func (p *clientPage) connect(tokens ...string) {
	p.t.Helper()
	list, err := json.Marshal(tokens)
	if err != nil {
		p.t.Fatal(err)
	}
	p.run("join(" + string(list) + ")")
}

// await waits until an expression is true in the page.
func (p *clientPage) await(expression string) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.tab, patience)
	defer stop()
	if err := chromedp.Do(ctx, poll(expression)); err != nil {
		p.t.Fatalf("%s does not come: %v\n%+v", expression, err, p.told())
	}
}

// awaitState waits until the client is in a state.
func (p *clientPage) awaitState(state string) {
	p.t.Helper()
	p.await(`client.state === "` + state + `"`)
}

// told returns all that the program has got.
func (p *clientPage) told() []told {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.tab, patience)
	defer stop()
	all, err := chromedp.Run(ctx, chromedp.Evaluate[[]told]("told"))
	if err != nil {
		p.t.Fatal(err)
	}
	return all
}

// states are the states and reasons, in order.
func (p *clientPage) states() string {
	p.t.Helper()
	var all []string
	for _, each := range p.told() {
		if each.State != "" {
			all = append(all, strings.TrimSuffix(each.State+":"+each.Why, ":"))
		}
	}
	return strings.Join(all, " ")
}

// messages are the ids of the messages, in order.
func (p *clientPage) messages() string {
	p.t.Helper()
	var all []string
	for _, each := range p.told() {
		if each.ID != "" {
			all = append(all, each.ID)
		}
	}
	return strings.Join(all, " ")
}

// order sends a command of the debugger, which answers nothing.
func order[P any](command cdp.Command[P, cdp.Empty], params P) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (v chromedp.Void, err error) {
		_, err = cdp.Call(ctx, target, command, params)
		return v, err
	}
}

// run evaluates an expression in the page, and waits for its promise.
func (p *clientPage) run(expression string) {
	p.t.Helper()
	do(p.t, p.tab, chromedp.Evaluate[chromedp.Void](expression, chromedp.EvalAwaitPromise))
}

// signUntil returns a token with which a connection ends after so long.
func signUntil(t *testing.T, name string, left time.Duration) string {
	t.Helper()
	const leeway = 30 * time.Second
	token, err := auth.Sign([]byte(testSecret), auth.Claims{UserID: auth.UserID(name), Username: name, ExpiresAt: time.Now().Add(left - leeway).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestAPageThatTheRateLimiterRefusesReturnsAtTheGivenTime(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	s := serve(t, "WS_HANDSHAKE_RATE=1", "ALLOWED_ORIGINS="+site)
	p := loadClient(t, site, s.ws)
	told, full := make(chan struct{}), make(chan struct{})
	var rivals sync.WaitGroup
	rivals.Go(func() { // they take every turn until the page has been refused
		refused := 0
		for n := 0; ; n++ {
			select {
			case <-told:
				return
			default:
			}
			if s.knock(signFor(t, fmt.Sprint("rival ", n))) == "503" {
				if refused++; refused == 20 {
					close(full)
				}
			}
		}
	})
	<-full                                                   // no reactor has a turn left
	for n := 0; !strings.Contains(p.states(), "busy"); n++ { // a page that comes just before the next turn is queued for it
		p.run(`globalThis.client?.close()`)
		p.connect(signFor(t, fmt.Sprint("alice ", n)))
		p.await(`told.length > 1`)
	}
	close(told)
	rivals.Wait()
	p.awaitState("open")
	all, waited := p.told(), false
	for i, each := range all {
		if each.Why != "busy" {
			continue
		}
		waited = true
		if next := all[i+1]; next.State != "connecting" || next.At < each.Until-0.002 { // the clock of a page has milliseconds
			t.Errorf("told to wait until %v, the page does %+v", each.Until, next)
		}
	}
	if !waited || !strings.HasPrefix(p.states(), "connecting waiting:busy connecting") {
		t.Errorf("the states are %s", p.states())
	}
}

// knock makes a handshake, leaves again, and returns the status of the answer.
func (s *serving) knock(token string) string {
	c, err := net.Dial("tcp", s.ws)
	if err != nil {
		return ""
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(c, "GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer %s\r\n\r\n", s.ws, token)
	var answer [12]byte
	_, _ = io.ReadFull(c, answer[:])
	return string(answer[len("HTTP/1.1 "):])
}

func TestAPageReplacesATokenThatExpires(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	s := serve(t, "ALLOWED_ORIGINS="+site)
	p := loadClient(t, site, s.ws)
	const second = 14 * time.Second
	ends := time.Now().Add(second)
	p.connect(signUntil(t, "alice", 6*time.Second), "", signUntil(t, "alice", second), signFor(t, "alice"))
	p.await(fmt.Sprintf(`Date.now() > %d`, ends.Add(2*time.Second).UnixMilli())) // the second token has ended
	if got, want := p.states(), "connecting open waiting:close:4001 connecting open"; got != want {
		t.Errorf("the states are %s, want %s", got, want)
	}
	var reasons []string
	for _, each := range p.told() {
		if each.Reason != nil {
			reasons = append(reasons, *each.Reason)
		}
	}
	if got, want := strings.Join(reasons, ","), ",token_expiring,close:4001,token_expiring"; got != want {
		t.Errorf("the token function is called because of %q, want %q", got, want)
	}
}

func TestAPageOfADeactivatedUserGetsTheReason(t *testing.T) {
	site, url := newSite(t), postgrestest.Database(t)
	migrated(t, url, "alice")
	s := serveUsers(t, url, "ALLOWED_ORIGINS="+site)
	p := loadClient(t, site, s.ws)
	p.connect(signFor(t, "alice"))
	p.awaitState("open")
	if code, output := command(t, url, "users", "deactivate", "alice@example.com"); code != 0 {
		t.Fatalf("users deactivate exits with %d: %s", code, output)
	}
	p.awaitState("closed")
	if got, want := p.states(), "connecting open closed:close:4003"; got != want {
		t.Errorf("the states are %s, want %s", got, want)
	}
	refused := loadClient(t, site, s.ws)
	refused.connect(signFor(t, "alice"))
	refused.awaitState("closed")
	if got, want := refused.states(), "connecting closed:user_inactive"; got != want {
		t.Errorf("the states of a new client are %s, want %s", got, want)
	}
}

func TestAPageComesBackWithItsNetwork(t *testing.T) {
	site := newSite(t)
	s := serve(t, "ALLOWED_ORIGINS="+site)
	c := newCable(t, s.ws)
	p := loadClient(t, site, c.addr)
	p.connect(signFor(t, "alice"))
	p.awaitState("open")
	s.publish(t, "", "", "m1")
	p.await(`told.some(({ id }) => id === "m1")`)
	c.refuse.Store(true)
	do(t, p.tab, order(network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: true, DownloadThroughput: -1, UploadThroughput: -1}))
	c.cut()
	p.await(`told.some(({ why }) => why === "offline")`)
	s.publish(t, "", "", "m2", "m3")
	c.refuse.Store(false)
	do(t, p.tab, order(network.OverrideNetworkState, network.OverrideNetworkStateParams{DownloadThroughput: -1, UploadThroughput: -1}))
	p.await(`told.some(({ id }) => id === "m3")`)
	p.wantBack(2)
	if got := p.messages(); got != "m1 m2 m3" {
		t.Errorf("the messages are %s", got)
	}
}

// wantBack checks the last news of a resumption.
func (p *clientPage) wantBack(missed int) {
	p.t.Helper()
	var last *welcome
	for _, each := range p.told() {
		if each.News != nil {
			last = each.News
		}
	}
	if last == nil || !last.Resumed || last.Missed != missed {
		p.t.Errorf("the page is told %+v, want resumed with %d missed", last, missed)
	}
}

// TestAPageThatWakesDoesNotBelieveItsSocket freezes a page, whose connection meanwhile becomes deaf.
func TestAPageThatWakesDoesNotBelieveItsSocket(t *testing.T) {
	site := newSite(t)
	s := serve(t, "ALLOWED_ORIGINS="+site)
	c := newCable(t, s.ws)
	p := loadClient(t, site, c.addr)
	p.connect(signFor(t, "alice"))
	p.awaitState("open")
	do(t, p.tab, order(page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: page.SetWebLifecycleStateStateFrozen}))
	c.deafen()
	s.publish(t, "", "", "m1")
	do(t, p.tab, order(page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: page.SetWebLifecycleStateStateActive}))
	p.run(`dispatchEvent(new Event("visibilitychange"))`) // as when a person comes back to the tab; this browser has no screen
	p.await(`told.some(({ id }) => id === "m1")`)
	p.wantBack(1)
	if got, want := p.states(), "connecting open waiting:lost connecting open"; got != want {
		t.Errorf("the states are %s, want %s", got, want)
	}
}

// TestAPageSurvivesTheRestartOfANode drains a node and starts it again. What the page sends meanwhile arrives once.
func TestAPageSurvivesTheRestartOfANode(t *testing.T) {
	t.Parallel()
	site, redis := newSite(t), redistest.Start(t)
	s := serveNode(t, redis, "n1", "ALLOWED_ORIGINS="+site, "DRAIN_TIMEOUT=2")
	p := loadClient(t, site, s.ws)
	p.connect(signFor(t, "alice"))
	p.awaitState("open")
	s.publish(t, "", "", "m1")
	p.await(`told.some(({ id }) => id === "m1")`)
	s.signal(syscall.SIGTERM)
	p.awaitState("waiting")
	p.run(`(async () => { window.sent = [1, 2, 3].map((n) => client.send({ n })); })()`)
	s.exit()
	_, port, err := net.SplitHostPort(s.ws)
	if err != nil {
		t.Fatal(err)
	}
	s = serveNode(t, redis, "n1", "ALLOWED_ORIGINS="+site, "PORT="+port)
	bob := newFollower("bob")
	bob.dial(t, "ws://"+s.ws, coder.DialOptions{})
	s.publish(t, "", "", "m2")
	p.await(`told.some(({ id }) => id === "m2")`)
	p.run(`Promise.all(sent)`)
	if got := p.messages(); got != "m1 m2" {
		t.Errorf("the messages are %s", got)
	}
	if states := p.states(); !strings.HasPrefix(states, "connecting open waiting:close:1012 connecting") {
		t.Errorf("the states are %s", states)
	}
	s.publish(t, "", "", "end")
	var heard []string
	for {
		m := bob.next(t)
		if m.ID == "end" {
			break
		}
		heard = append(heard, string(m.Data))
	}
	if got := strings.Join(heard, " "); got != `"" {"n":1} {"n":2} {"n":3}` && got != `{"n":1} {"n":2} {"n":3} ""` {
		t.Errorf("bob gets %s", got)
	}
}
