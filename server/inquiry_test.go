package server

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"momentum/netpoll"
)

// asInquiry removes the headers of the WebSocket from a request.
func asInquiry(request []byte) []byte {
	head, _, _ := strings.Cut(string(request), "Upgrade: ")
	return []byte(head + "\r\n")
}

// answerTo returns the answer to a request, without Retry-After, which is random, and whether it had that header.
func (w *world) answerTo(request []byte) (answer string, later bool) {
	c := w.dial("asker")
	c.Send(request)
	w.net.Settle()
	before, rest, later := strings.Cut(string(c.Peer.Received()), "Retry-After: ")
	if later {
		_, rest, _ = strings.Cut(rest, "\r\n")
	}
	c.Reset()
	return before + rest, later
}

// TestAnInquiryIsAnsweredAsAHandshake compares the answers for each reason for which a handshake is refused. The node
// is afterwards as it was.
func TestAnInquiryIsAnsweredAsAHandshake(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options)
		before func(*world)
		token  func(*world) string
		want   string
	}{
		"admitted":        {want: "101"},
		"no token":        {token: func(*world) string { return "" }, want: "token_missing"},
		"malformed token": {token: func(*world) string { return "a.b" }, want: "token_malformed"},
		"expired token":   {token: func(w *world) string { return w.tokenWith("alice", "-1h") }, want: "token_expired"},
		"two tokens":      {token: func(*world) string { return "a&token=b" }, want: "conflicting_tokens"},
		"full node":       {change: func(o *Options) { o.MaxConnections = 1 }, before: func(w *world) { w.join("bob") }, want: "full"},
		"full user":       {change: func(o *Options) { o.MaxPerUser = 1 }, before: func(w *world) { w.join("alice") }, want: "user_full"},
		"full address":    {change: func(o *Options) { o.MaxPerAddress = 1 }, before: func(w *world) { w.join("bob") }, want: "address_full"},
		"draining":        {before: func(w *world) { w.server.StartDrain() }, want: "draining"},
		"banned":          {before: func(w *world) { w.ban("alice") }, want: "banned"},
		"revoked":         {token: func(w *world) string { return w.revoked("alice") }, want: "token_revoked"},
		"unknown user":    {change: withUser("unknown"), want: "user_unknown"},
		"inactive user":   {change: withUser("inactive"), want: "user_inactive"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1, c.change)
			w.net.From = netip.MustParseAddr("192.0.2.1")
			if c.before != nil {
				c.before(w)
			}
			token := w.token("alice")
			if c.token != nil {
				token = c.token(w)
			}
			count := w.server.Stats()
			got, gotLater := w.answerTo(asInquiry(upgradeRequest(token)))
			if now := w.server.Stats(); sum(now.Inquiries) != 1 || sum(now.Refused) != sum(count.Refused) || now.Admitted != count.Admitted ||
				now.TotalConnections != count.TotalConnections || now.UniqueUsers != count.UniqueUsers || now.HandedOff != 0 {
				t.Errorf("the inquiry is counted as %+v", now)
			}
			if err := w.audit(); err != nil {
				t.Error(err)
			}
			want, wantLater := w.answerTo(upgradeRequest(token))
			if !strings.Contains(want, c.want) {
				t.Fatalf("the handshake is answered with %q: this test shows nothing", want)
			}
			if c.want == "101" {
				want = "HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
			}
			if got != want || gotLater != wantLater {
				t.Errorf("the inquiry is answered with %q, later %v, the handshake with %q, %v", got, gotLater, want, wantLater)
			}
		})
	}
}

func sum(byReason map[string]uint64) (n uint64) {
	for _, count := range byReason {
		n += count
	}
	return n
}

func (w *world) ban(name string) {
	if _, err := w.server.Disconnect(userID(name), "", w.net.Now().Add(time.Minute).Unix()); err != nil {
		w.t.Fatal(err)
	}
}

// revoked returns a token that has been revoked.
func (w *world) revoked(name string) string {
	token := w.tokenWith(name, "1h jti")
	w.happen("admin revoke jti")
	return token
}

// withUser has the directory say that alice is of this standing.
func withUser(standing string) func(*Options) {
	return func(o *Options) {
		r := newRoster()
		r.remember("alice", standing)
		o.Directory = r
	}
}

// TestOnlyAnInquiryIsAnsweredOnTheReactor: other plain requests for the endpoint go to the sidecar, which here refuses them.
func TestOnlyAnInquiryIsAnsweredOnTheReactor(t *testing.T) {
	for request, want := range map[string]string{
		"GET /ws HTTP/1.1\r\nHost: a\r\n\r\n":                                              "401",
		"GET http://a/ws?x HTTP/1.1\r\nHost: a\r\n\r\n":                                    "401",
		"GET /ws HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\nAccept: */*\r\n\r\n": "401",
		"GET /ws HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx":                        "400",
		"OPTIONS /ws HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\n\r\n":                      "204",
		"OPTIONS /ws HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n\r\n":                      "403",
		"OPTIONS /ws HTTP/1.1\r\nHost: a\r\n\r\n":                                          "503",
		"OPTIONS /ws/stats HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\n\r\n":                "503",
		"POST /ws HTTP/1.1\r\nHost: a\r\n\r\n":                                             "503",
		"GET /ws/ HTTP/1.1\r\nHost: a\r\n\r\n":                                             "503",
		"GET /ws/stats HTTP/1.1\r\nHost: a\r\n\r\n":                                        "503",
	} {
		w := newWorld(t, 1, nil)
		if answer, _ := w.answerTo([]byte(request)); !strings.HasPrefix(answer, "HTTP/1.1 "+want) {
			t.Errorf("%q is answered with %q, want %s", request, answer, want)
		}
		if got := w.server.Stats().Refused["http_full"]; (got == 1) != (want == "503") {
			t.Errorf("%q: %d requests were for the sidecar", request, got)
		}
	}
}

// TestAnInquiryThatWaitsHoldsNoPlace: while the directory is asked about its user, others take the last connection slot, and when
// the client gives up, all is as before.
func TestAnInquiryThatWaitsHoldsNoPlace(t *testing.T) {
	w, r := asking(t, func(o *Options) { o.MaxConnections = 1 })
	r.remember("bob", "active")
	asker := w.dial("alice")
	asker.Send(asInquiry(upgradeRequest(w.token("alice"))))
	asker.Send(bytes.Repeat([]byte("x"), maxEarlyBytes+1)) // is not kept
	w.net.Settle()
	if received := w.join("bob").firstReceived(); received != "101" {
		t.Errorf("with an inquiry under way bob is answered with %q", received)
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
	r.answer("alice", "active")
	w.net.Settle()
	if received := asker.firstReceived(); received != "204" { // a handshake that holds its slot already is not refused either
		t.Errorf("the inquiry is answered with %q", received)
	}
	gone := w.dial("carol")
	gone.Send(asInquiry(upgradeRequest(w.token("carol"))))
	w.net.Settle()
	gone.Reset()
	r.answer("carol", "active")
	w.net.Advance(HandshakeTimeout)
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestASocketIsClosedWithTheAnswerToAnInquiry, unless more has come after the request, or is to come: a reset could then overtake the answer.
func TestASocketIsClosedWithTheAnswerToAnInquiry(t *testing.T) {
	for name, c := range map[string]struct {
		after  string
		user   string
		closed bool
	}{
		"204":                   {"", "alice", true},
		"a refusal":             {"", "", true},
		"204, and more":         {"GET / HTTP/1.1", "alice", false},
		"a refusal, and more":   {"GET / HTTP/1.1", "", false},
		"a refusal, and a body": {"body", "", false},
		"a handshake's refusal": {"handshake", "", false},
	} {
		w := newWorld(t, 1, nil)
		token := ""
		if c.user != "" {
			token = w.token(c.user)
		}
		request := upgradeRequest(token)
		switch c.after {
		case "handshake":
		case "body": // it has not arrived yet
			request = bytes.Replace(asInquiry(request), []byte("\r\n\r\n"), []byte("\r\nContent-Length: 4\r\n\r\n"), 1)
		default:
			request = append(asInquiry(request), c.after...)
		}
		asker := w.dial("asker")
		asker.Send(request)
		w.net.Settle()
		if asker.Closed != c.closed || asker.EOF == c.closed {
			t.Errorf("%s: the socket is closed: %v, its write side: %v", name, asker.Closed, asker.EOF)
		}
		if err := w.audit(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// BenchmarkRefusal compares an inquiry with the refused handshake that it stands for, without the kernel's part.
func BenchmarkRefusal(b *testing.B) {
	for _, c := range []struct {
		name   string
		change func(*Options)
		token  func(*world) string
	}{
		{"bad token", nil, func(*world) string { return "not.a.token" }},
		{"full", func(o *Options) { o.MaxConnections = 0 }, func(w *world) string { return w.token("alice") }},
		{"busy", func(o *Options) { o.HandshakeRate = 1 }, func(w *world) string { return w.token("alice") }},
		{"admitted", nil, func(w *world) string { return w.token("alice") }},
	} {
		for _, kind := range []string{"handshake", "inquiry"} {
			b.Run(fmt.Sprintf("%s/%s", c.name, kind), func(b *testing.B) {
				w := newWorld(b, 1, c.change)
				request := bytes.Replace(upgradeRequest(c.token(w)), []byte("\r\n\r\n"), []byte("\r\nOrigin: http://localhost\r\n\r\n"), 1)
				if kind == "inquiry" {
					request = bytes.Replace(asInquiry(request), []byte("\r\n\r\n"), []byte("\r\nOrigin: http://localhost\r\n\r\n"), 1)
				}
				w.arrive("first", "second", "third") // with a rate, they have it
				b.ReportAllocs()
				for b.Loop() {
					p := w.net.Dial()
					p.Send(request)
					w.net.Settle()
					p.Reset()
				}
				w.net.Advance(netpoll.TickLength)
			})
		}
	}
}
