package admin

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"momentum/server"
)

func TestMessagesArePublishedToTopics(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	join(t, addr, "alice")
	for _, c := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"topic":"news","message_type":"text","data":1}`, 200, `{"success":true,"id":"`},
		{`[{"topic":"news","message_type":"text"},{"topic":"b","message_type":"system_message","data":2,"id":"x"}]`, 200, `{"success":true,"results":[{"success":true,"id":"`},
		{`[]`, 400, `{"error":"bad_list"`},
		{`{"topic":"a b","message_type":"text"}`, 400, `{"error":"bad_topic"`},
		{`[{"topic":"a","message_type":"pong"}]`, 400, `{"error":"bad_message_type","message":"message 1 of the list: `},
		{`[{"topic":"a","message_type":"text"},{"message_type":"text"}]`, 400, `{"error":"missing_field","message":"message 2 of the list: topic is missing`},
		{`[{"topic":"a","topic":"b","message_type":"text"}]`, 400, `{"error":"duplicate_field"`},
		{`[7]`, 400, `{"error":"bad_json"`},
		{`[{}`, 400, `{"error":"bad_json"`},
		{``, 400, `{"error":"missing_field"`},
		{`[` + strings.Repeat(`{},`, maxListed) + `{}]`, 400, `{"error":"bad_list"`},
		{`{"topic":"a","message_type":"text","data":"` + strings.Repeat("a", maxBodyBytes) + `"}`, 413, `{"error":"too_large"`},
	} {
		if status, body, _ := (call{method: "POST", path: "/ws/publish", body: c.body}).on(t, h); status != c.status || !strings.HasPrefix(body, c.want) {
			t.Errorf("%.80s: %d %s, want %d %s", c.body, status, body, c.status, c.want)
		}
	}
}

func TestTopicsArePaged(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	for i := range 3 {
		c := join(t, addr, fmt.Sprint("user", i))
		c.send(`{"message_type":"subscribe","data":{"topics":["a","b","c"]}}`)
		c.receive(t, "subscribed")
	}
	var names []string
	for path := "/ws/topics?limit=2"; path != ""; {
		_, body, _ := call{path: path}.on(t, h)
		var page topicsAnswer
		if err := json.Unmarshal([]byte(body), &page); err != nil || page.Subscriptions != 9 {
			t.Fatalf("%s: %s", path, body)
		}
		for _, row := range page.Topics {
			names = append(names, fmt.Sprint(row.Topic, row.Subscribers))
		}
		if path = ""; page.Next != "" {
			path = "/ws/topics?limit=2&after=" + page.Next
		}
	}
	if got := strings.Join(names, " "); got != "a3 b3 c3" {
		t.Errorf("the pages have %s", got)
	}
	users := map[string]bool{}
	for path := "/ws/topics/b?limit=2"; path != ""; {
		_, body, _ := call{path: path}.on(t, h)
		var page subscribersAnswer
		if err := json.Unmarshal([]byte(body), &page); err != nil || page.Topic != "b" {
			t.Fatalf("%s: %s", path, body)
		}
		for _, u := range page.Subscribers {
			users[u.Username] = true
		}
		if path = ""; page.Next != "" {
			path = "/ws/topics/b?limit=2&after=" + page.Next
		}
	}
	if len(users) != 3 {
		t.Errorf("the pages have the users %v", users)
	}
	for path, want := range map[string]string{"/ws/topics/none": `{"topic":"none","subscribers":[]}`, "/ws/topics/a%20b": `{"error":"bad_topic"`, "/ws/topics/": `{"error":"bad_topic"`, "/ws/topics/b?after=x": `{"error":"bad_after"`, "/ws/topics?limit=0": `{"error":"bad_limit"`} {
		if _, body, _ := (call{path: path}).on(t, h); !strings.HasPrefix(body, want) {
			t.Errorf("%s: %s", path, body)
		}
	}
}

func TestPlacesOfSubscribersAreReadAsWritten(t *testing.T) {
	for _, c := range []server.SubscriberCursor{{}, {Place: server.TopicCursor{Reactor: 1, Index: 2}}, {Node: "a-b", Place: server.TopicCursor{Index: 7}}} {
		if got, ok := parseSubscriberCursor(formatSubscriberCursor(c)); !ok || got != c {
			t.Errorf("%s is read as %+v", formatSubscriberCursor(c), got)
		}
	}
	for _, text := range []string{"1", "a-b", "-1-2", "1--2"} {
		if _, ok := parseSubscriberCursor(text); ok {
			t.Errorf("%q is read", text)
		}
	}
}
