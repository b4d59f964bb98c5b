package client

import (
	"regexp"
	"testing"
	"time"
)

func TestMessagesAreEncoded(t *testing.T) {
	now := time.Date(2024, 1, 2, 3, 4, 5, 678e6, time.FixedZone("", 3600))
	for _, tt := range []struct {
		message Outgoing
		want    string
	}{
		{Outgoing{ID: "a", Data: map[string]string{"content": "hi"}}, `{"id":"a","message_type":"text","data":{"content":"hi"},"timestamp":"2024-01-02T02:04:05.678Z","ack":true}`},
		{Outgoing{ID: "b", Type: "notification", ToUserID: "u1"}, `{"id":"b","message_type":"notification","data":null,"timestamp":"2024-01-02T02:04:05.678Z","to_user_id":"u1","ack":true}`},
		{Outgoing{ID: "c", Topic: "news", Data: 7}, `{"id":"c","message_type":"text","data":7,"timestamp":"2024-01-02T02:04:05.678Z","topic":"news","ack":true}`},
	} {
		if got, err := tt.message.encode(now); string(got) != tt.want || err != nil {
			t.Errorf("%s, %v; want %s", got, err, tt.want)
		}
	}
	if _, err := (&Outgoing{Data: make(chan int)}).encode(now); err == nil {
		t.Error("a channel is encoded")
	}
	if got := string(request("r", "ping", nil)); got != `{"id":"r","message_type":"ping","data":null}` {
		t.Error(got)
	}
}

func TestIDsAreRandomUUIDs(t *testing.T) {
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	if a, b := newID(), newID(); a == b || !uuid.MatchString(a) || !uuid.MatchString(b) {
		t.Error(a, b)
	}
}
