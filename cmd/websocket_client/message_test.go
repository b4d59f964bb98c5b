package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestAMessageHasAnIDAndATimeInUTC(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.FixedZone("", 3600))
	id, payload, err := newMessage("text", content{"<hi>"}, now)
	if err != nil {
		t.Fatal(err)
	}
	var m message
	if err := json.Unmarshal(payload, &m); err != nil {
		t.Fatal(err)
	}
	if m.ID != id || uuid.Validate(id) != nil || m.Type != "text" || m.Timestamp != "2026-01-02T02:04:05.006Z" {
		t.Errorf("%s", payload)
	}
	if strings.Contains(string(payload), "user_id") {
		t.Errorf("the message names a user: %s", payload)
	}
}

func TestAnAnswerNamesItsMessage(t *testing.T) {
	for text, want := range map[string]string{
		`{"id":"p","message_type":"pong","data":{}}`:                                 "p",
		`{"id":"r","message_type":"refreshed","data":{}}`:                            "r",
		`{"id":"x","message_type":"error","data":{"code":"bad_json","ref_id":"e"}}`:  "e",
		`{"id":"x","message_type":"error","data":{"code":"rate_limited"}}`:           "",
		`{"id":"x","message_type":"error","data":7}`:                                 "",
		`{"id":"t","message_type":"text","data":{"ref_id":"e"},"from_user_id":"u1"}`: "",
	} {
		var m message
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		if got := m.answers(); got != want {
			t.Errorf("%s answers %q, want %q", text, got, want)
		}
	}
}
