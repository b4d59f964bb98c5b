package client

import (
	"fmt"
	"testing"
)

func TestThePositionFollowsTheMessages(t *testing.T) {
	var p position
	if p.String() != "" {
		t.Error(p)
	}
	p.greet(welcome{position: position{"e1", 10, 3}, Resumed: true, Missed: 2})
	if p.String() != "" {
		t.Error("missed messages follow:", p)
	}
	p.greet(welcome{position: position{"e1", 10, 3}})
	for _, tt := range []struct {
		message Message
		pass    bool
		want    string
	}{
		{Message{Seq: 12}, true, "e1.12.3"},
		{Message{Seq: 12}, false, "e1.12.3"},
		{Message{Seq: 11}, false, "e1.12.3"},
		{Message{Seq: 4, ToUserID: "u1"}, true, "e1.12.4"},
		{Message{Seq: 4, ToUserID: "u1"}, false, "e1.12.4"},
		{Message{}, true, "e1.12.4"},
	} {
		if p.pass(&tt.message) != tt.pass || p.String() != tt.want {
			t.Errorf("%+v: %v, want %s", tt.message, p, tt.want)
		}
	}
	p.skip(Gap{Channel: "broadcast", To: 20})
	p.skip(Gap{Channel: "direct", To: 2})
	if p.String() != "e1.20.4" {
		t.Error(p)
	}
}

func TestPositionsAreRead(t *testing.T) {
	for text, ok := range map[string]bool{"": true, "e1.4.0": true, "e1.4": false, ".1.2": false, "e1.-1.2": false, "e1.1.x": false, "e1.1.2.3": false} {
		p, err := parsePosition(text)
		if (err == nil) != ok || ok && p.String() != text {
			t.Errorf("%q: %v, %v", text, p, err)
		}
	}
}

// TestThePositionIsThatOfTheProgram has three messages wait while the program takes one after the other.
func TestThePositionIsThatOfTheProgram(t *testing.T) {
	server := new(opened)
	for _, m := range []string{`{"id":"a","message_type":"text","seq":1}`, `{"id":"b","message_type":"text","seq":2}`, `{"id":"c","message_type":"text","seq":3}`} {
		server.Send = append(server.Send, timed{After: 1, Message: []byte(m)})
	}
	withClient(t, Options{}, []attempt{{Open: server}}, func(t *testing.T, c *Client, s *script) {
		before := "e1.0.0"
		seen := 0
		for m := range c.Messages() {
			if got := c.Position(); got != before {
				t.Errorf("while the program has message %s: %s, want %s", m.ID, got, before)
			}
			before = fmt.Sprintf("e1.%d.0", m.Seq)
			if seen++; seen == 3 {
				break
			}
		}
	})
}
