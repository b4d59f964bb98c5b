package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	coder "github.com/coder/websocket"

	"momentum/server/auth"
)

// follower is a client that resumes. It keeps its position as docs/PROTOCOL.md says.
type follower struct {
	name, epoch       string
	broadcast, direct uint64
	c                 *coder.Conn
}

// envelope is what a follower reads of a message.
type envelope struct {
	ID   string `json:"id"`
	Type string `json:"message_type"`
	To   string `json:"to_user_id"`
	Seq  uint64 `json:"seq"`
	Data json.RawMessage
}

// welcome is the data of a welcome message.
type welcome struct {
	Epoch             string
	Broadcast, Direct uint64
	Resumed           bool
	Missed            int
	Reason            string
}

func newFollower(name string) *follower { return &follower{name: name} }

func (f *follower) position() string {
	if f.epoch == "" {
		return ""
	}
	return fmt.Sprintf("%s.%d.%d", f.epoch, f.broadcast, f.direct)
}

// dial connects the follower, and returns the welcome. The follower's last connection ends without a close frame.
func (f *follower) dial(t *testing.T, url string, o coder.DialOptions) welcome {
	t.Helper()
	if f.c != nil {
		_ = f.c.CloseNow()
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	o.HTTPHeader = http.Header{"Authorization": {"Bearer " + signFor(t, f.name)}}
	c, _, err := coder.Dial(ctx, url+"/ws?resume="+f.position(), &o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	c.SetReadLimit(1 << 20)
	f.c = c
	m := f.next(t)
	var w welcome
	if err := json.Unmarshal(m.Data, &w); err != nil || m.Type != "welcome" {
		t.Fatalf("%s is welcomed by %+v", f.name, m)
	}
	f.epoch = w.Epoch
	if !w.Resumed || w.Missed == 0 {
		f.broadcast, f.direct = w.Broadcast, w.Direct
	}
	return w
}

// returns dials a node directly, and checks the welcome.
func (f *follower) returns(t *testing.T, s *serving, resumed bool, missed int, reason string) {
	t.Helper()
	w := f.dial(t, "ws://"+s.ws, coder.DialOptions{})
	if w.Resumed != resumed || w.Missed != missed || w.Reason != reason {
		t.Errorf("%s is welcomed with %+v, want resumed %v, %d missed, reason %q", f.name, w, resumed, missed, reason)
	}
}

// next returns the next message that is not about presence, and moves the position.
func (f *follower) next(t *testing.T) (m envelope) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	for m.Type = "presence"; m.Type == "presence" || strings.HasPrefix(m.Type, "user_"); {
		_, text, err := f.c.Read(ctx)
		if err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		m = envelope{}
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	at := &f.broadcast
	if m.To != "" {
		at = &f.direct
	}
	if m.Seq > 0 && m.Seq <= *at {
		t.Errorf("%s has had up to %d, and gets %+v", f.name, *at, m)
	}
	*at = max(*at, m.Seq)
	return m
}

// wantNext reads messages, and compares their ids.
func (f *follower) wantNext(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if m := f.next(t); m.ID != id {
			t.Errorf("%s gets %s %q %s, want %q", f.name, m.Type, m.ID, m.Data, id)
		}
	}
}

// publish sends messages to everybody, or to one user, as an administrator. They may be kept.
func (s *serving) publish(t *testing.T, to, data string, ids ...string) {
	t.Helper()
	path, user := "/ws/broadcast", ""
	if to != "" {
		path, user = "/ws/send", `"to_user_id":"`+auth.UserID(to).String()+`",`
	}
	for _, id := range ids {
		status, body := ask(t, "POST", "http://"+s.admin+path, `{"id":"`+id+`",`+user+`"message_type":"text","data":"`+data+`"}`)
		if status != 200 && !strings.Contains(body, `"stored":true`) {
			t.Fatalf("%d %s", status, body)
		}
	}
}

// missesAndReturns has a client miss a broadcast and a direct message. to dials the node, perhaps through a proxy.
func (s *serving) missesAndReturns(t *testing.T, to func(*follower) welcome) {
	t.Helper()
	bob := newFollower("bob")
	if w := to(bob); w.Resumed || w.Reason != "new" {
		t.Errorf("a new client is welcomed with %+v", w)
	}
	long := strings.Repeat("a long message ", 100) // it is compressed
	s.publish(t, "", long, "b1")
	s.publish(t, "bob", "", "d1")
	bob.wantNext(t, "b1", "d1")
	_ = bob.c.CloseNow()
	s.publish(t, "", long, "b2", "b3")
	s.publish(t, "bob", "", "d2", "d3")
	if w := to(bob); !w.Resumed || w.Missed != 4 {
		t.Fatalf("bob is welcomed with %+v", w)
	}
	s.publish(t, "", long, "b4")
	got := []string{}
	for range 5 {
		got = append(got, bob.next(t).ID)
	}
	if !slices.Equal(got, []string{"d2", "d3", "b2", "b3", "b4"}) {
		t.Errorf("bob gets %q", got)
	}
	if w := to(bob); !w.Resumed || w.Missed != 0 {
		t.Errorf("a client that has missed nothing is welcomed with %+v", w)
	}
}

func TestAClientThatWasAwayGetsWhatItMissed(t *testing.T) {
	for _, mode := range []coder.CompressionMode{coder.CompressionDisabled, coder.CompressionNoContextTakeover} {
		s := serve(t, "WS_COMPRESSION=true")
		s.missesAndReturns(t, func(f *follower) welcome {
			return f.dial(t, "ws://"+s.ws, coder.DialOptions{CompressionMode: mode})
		})
	}
}

func TestAKilledNodeBeginsAnotherEpoch(t *testing.T) {
	s := serve(t)
	bob := newFollower("bob")
	bob.returns(t, s, false, 0, "new")
	s.publish(t, "", "", "1")
	bob.wantNext(t, "1")
	s = s.restart(t)
	s.publish(t, "", "", "2")
	bob.returns(t, s, false, 0, "epoch")
	s.publish(t, "", "", "3")
	bob.wantNext(t, "3")
	bob.returns(t, s, true, 0, "")
}

// TestAClientLearnsThatTheHistoryWasFull has a client miss more bytes than are kept: of broadcasts, then of direct messages.
func TestAClientLearnsThatTheHistoryWasFull(t *testing.T) {
	s := serve(t, "HISTORY_BYTES=1000")
	data := strings.Repeat("x", 300) // a direct history has room for two, the broadcast's for 64 times as many bytes
	for _, tt := range []struct {
		to   string
		fits int
	}{{"bob", 2}, {"", 64 * 1000 / 500}} {
		bob := newFollower("bob")
		bob.returns(t, s, false, 0, "new")
		for i := range tt.fits {
			s.publish(t, tt.to, data, fmt.Sprint(tt.to, i))
		}
		bob.returns(t, s, true, tt.fits, "")
		for range tt.fits {
			bob.next(t)
		}
		for i := range 2 * tt.fits {
			s.publish(t, tt.to, data, fmt.Sprint(tt.to, "more", i))
		}
		bob.returns(t, s, false, 0, "too_many")
	}
}

func TestWithoutHistoryClientsLearnWhatTheyMissed(t *testing.T) {
	s := serve(t, "HISTORY_AGE=0")
	bob := newFollower("bob")
	bob.returns(t, s, false, 0, "new")
	bob.returns(t, s, true, 0, "")
	_ = bob.c.CloseNow()
	if status, body := ask(t, "POST", "http://"+s.admin+"/ws/broadcast", `{"message_type":"text"}`); status != 200 || !strings.Contains(body, `"seq":1,"stored":false`) {
		t.Errorf("%d %s", status, body)
	}
	bob.returns(t, s, false, 0, "expired")
	bob.returns(t, s, true, 0, "")
}

// TestASlowReplayHasAGap has a client that does not read miss more than its socket takes, and then so many more messages that
// the rest of its replay is no longer kept.
func TestASlowReplayHasAGap(t *testing.T) {
	const kept = 4 << 20 / 60_000 // messages in the broadcast's history
	payloads, _, _ := describedMessages(t)
	s := serve(t)
	bob := newFollower("bob")
	bob.returns(t, s, false, 0, "new")
	data, next := strings.Repeat("x", 60_000), 0
	more := func() {
		for range kept {
			next++
			s.publish(t, "", data, fmt.Sprint(next))
		}
	}
	_ = bob.c.CloseNow()
	more()
	narrow := &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{Control: smallWindow}).DialContext}}
	if w := bob.dial(t, "ws://"+s.ws, coder.DialOptions{HTTPClient: narrow}); !w.Resumed || w.Missed != kept {
		t.Fatalf("bob is welcomed with %+v", w)
	}
	more()
	had, gaps := 0, 0
	for bob.broadcast < uint64(next) {
		m := bob.next(t)
		if m.Type != "gap" {
			had++
			continue
		}
		text, _ := json.Marshal(map[string]any{"id": m.ID, "message_type": m.Type, "data": m.Data, "timestamp": ""})
		wantDescribed(t, payloads, []string{"gap"}, string(text), map[string]bool{})
		var gap struct{ From, To uint64 }
		if err := json.Unmarshal(m.Data, &gap); err != nil || gap.From != bob.broadcast+1 || gap.To < gap.From {
			t.Fatalf("after %d there is a gap %s", bob.broadcast, m.Data)
		}
		bob.broadcast = gap.To
		gaps++
		had += int(gap.To - gap.From + 1)
	}
	if gaps == 0 || had != next {
		t.Errorf("with %d gaps, bob knows of %d messages of %d", gaps, had, next)
	}
}

// TestResumeThroughProxies checks that nginx and HAProxy, as deploy/ configures them, pass the position on.
func TestResumeThroughProxies(t *testing.T) {
	for name, before := range map[string]func(*serving) *front{
		"nginx":   func(s *serving) *front { return behindNginx(t, s) },
		"HAProxy": func(s *serving) *front { f, _ := behindHAProxy(t, s, checkOf(s.admin)); return f },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, "TRUSTED_PROXIES=127.0.0.1")
			f := before(s)
			client := f.client("127.0.0.2")
			client.Timeout = 0 // the library requires the timeout of the context instead
			s.missesAndReturns(t, func(bob *follower) welcome {
				return bob.dial(t, "wss://"+frontHost, coder.DialOptions{HTTPClient: client})
			})
		})
	}
}

// TestWebsocketClientShowsNumbers runs websocket_client with a URL that asks to resume, at the prompt and as a benchmark.
func TestWebsocketClientShowsNumbers(t *testing.T) {
	s := serve(t)
	run := func(args ...string) *process {
		args = append([]string{"--url", "ws://" + s.ws + "/ws?resume="}, args...)
		return start(t, []string{"JWT_SECRET=" + testSecret}, filepath.Join(bin, "websocket_client"), args...)
	}
	c := run()
	c.expect("welcome: not resumed (new); the position is ")
	c.say(`json {"id":"a1","message_type":"text","ack":true}`)
	c.expect("ack: a1, number 1, online true, stored true (")
	s.publish(t, "", "hello", "1")
	c.expect(`text: "hello" (seq 2)`)
	c.say("quit")
	if code := c.exit(); code != 0 {
		t.Errorf("the client exits with %d", code)
	}
	b := run("--benchmark", "--messages", "5", "--interval", "1")
	if code := b.exit(); code != 0 || !strings.Contains(b.text(), "received    5") {
		t.Errorf("the benchmark exits with %d", code)
	}
}
