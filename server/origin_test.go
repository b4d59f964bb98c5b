package server

import "testing"

func TestRFC6455Section102Origin(t *testing.T) {
	for _, c := range []struct {
		origin, host string
		allowed      []string
		want         bool
	}{
		{"", "chat.example", nil, true}, // a program
		{"https://chat.example", "chat.example", nil, true},
		{"https://Chat.Example", "chat.example:443", nil, true},
		{"http://127.0.0.1:8001", "127.0.0.1:8000", nil, true},
		{"http://[::1]:8001", "[::1]:8000", nil, true},
		{"https://evil.example", "chat.example", nil, false},
		{"https://chat.example.evil.example", "chat.example", nil, false},
		{"https://evilchat.example", "chat.example", nil, false},
		{"null", "chat.example", nil, false},
		{"://", "chat.example", nil, false},
		{"file://", "", nil, false},
		{"https://app.example", "chat.example", []string{"https://app.example"}, true},
		{"HTTPS://app.example", "chat.example", []string{"https://app.example"}, true},
		{"http://app.example", "chat.example", []string{"https://app.example"}, false},
		{"https://app.example:8443", "chat.example", []string{"https://app.example"}, false},
		{"https://chat.example", "chat.example", []string{"https://app.example"}, false}, // a list is the whole list
		{"null", "chat.example", []string{"null"}, true},
		{"https://evil.example", "chat.example", []string{AnyOrigin}, true},
	} {
		if got := originAllowed(c.origin, c.host, c.allowed); got != c.want {
			t.Errorf("a page of %q at %q, allowed %q: %v", c.origin, c.host, c.allowed, got)
		}
	}
}
