package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

const bobsID = "22222222-2222-4222-8222-222222222222"

// answering answers the questions of the client as a server does.
func answering(ws *websocket.Conn, _ int, payload []byte) {
	var m message
	_ = json.Unmarshal(payload, &m)
	say := func(kind, data string) {
		_ = ws.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, `{"id":%q,"message_type":%q,"data":%s}`, m.ID, kind, data))
	}
	switch m.Type {
	case "who":
		say("who", `{"count":2,"users":[{"user_id":"`+bobsID+`","username":"bob"},{"user_id":"3","username":"\u001bcarol"}]}`)
	case "subscribe":
		if strings.Contains(string(m.Data), "secret") {
			say("subscribed", `{"topics":[{"topic":"secret","error":"not_allowed"}]}`)
		} else {
			say("subscribed", `{"topics":[{"topic":"news","seq":7,"epoch":"n1"}]}`)
		}
	case "unsubscribe":
		say("unsubscribed", string(m.Data))
	}
}

func TestQuestionsAreAnswered(t *testing.T) {
	for _, tt := range []struct{ lines, out, err, sent string }{
		{"who", "bob (" + bobsID + ")\n\\x1bcarol (3)\n2 online\n", "", `"message_type":"who"`},
		{"/who news", "2 online\n", "", `"topic":"news"`},
		{"sub news", "subscribed: news", "", `{"topics":[{"topic":"news"}]}`},
		{"sub secret", "secret refused (not_allowed)", "not subscribed to secret: not_allowed: TOPICS_DEFAULT of the server, or the claim topics of the token, does not allow it", `"subscribe"`},
		{"pub news good morning", "", "", `"topic":"news"`},
		{"msg " + bobsID + " hi", "", "", `"to_user_id":"` + bobsID + `"`},
		{"msg bob hi", "", "", `"to_user_id":"` + bobsID + `"`},
		{"msg eve hi", "", "no user called eve is online", `"who"`},
	} {
		t.Run(tt.lines, func(t *testing.T) {
			s := serve(t, answering)
			wantOutcome(t, client(t, tt.lines+"\n", "--url", s.ws()), exitOK, tt.out, tt.err)
			if got := strings.Join(s.sent(), "\n"); !strings.Contains(got, tt.sent) {
				t.Errorf("sent %s, want %s", got, tt.sent)
			}
		})
	}
}

func TestWrongQuestionsAreExplained(t *testing.T) {
	for line, want := range map[string]string{
		"msg bob":       "msg needs a user and words",
		"msg":           "msg needs a user and words",
		"pub news":      "pub needs a topic and words",
		"sub":           "sub needs one topic",
		"unsub a b":     "unsub needs one topic",
		"/who a b":      "give who one topic",
		"/txt hello":    `"/txt" is not a command: help lists the commands. Did you mean text?`,
		"notifcation x": "Did you mean notification?",
	} {
		s := serve(t, silence)
		wantOutcome(t, client(t, line+"\n", "--url", s.ws()), exitOK, "", want)
		if len(s.sent()) != 0 {
			t.Errorf("%q sent %q", line, s.sent())
		}
	}
}

func TestALongMessageIsNotSent(t *testing.T) {
	for _, tt := range []struct {
		letters, most int
		sent          int
		err           string
	}{{65536, 0, 0, "not sent: too_long"}, {300, 200, 0, "not sent: too_long"}, {300, 500, 1, ""}} {
		s := serve(t, silence)
		wantOutcome(t, client(t, "text "+strings.Repeat("x", tt.letters)+"\n", "--url", s.ws(), "--max-message", fmt.Sprint(tt.most)), exitOK, "", tt.err)
		if len(s.sent()) != tt.sent {
			t.Errorf("%+v: %d sent", tt, len(s.sent()))
		}
	}
	wantOutcome(t, client(t, "", "--max-message", "-1"), exitUsage, "", "--max-message must be")
}
