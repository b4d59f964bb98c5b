package server

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/protocol"
)

func TestAppendMessageAddsOnlyMissingFields(t *testing.T) {
	now := time.Date(2024, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 3600))
	ids := 0
	newID := func() uuid.UUID { ids++; return uuid.UUID{15: 7} }
	for want, out := range map[string]protocol.Outgoing{
		`{"id":"00000000-0000-0000-0000-000000000007","message_type":"text","data":1,"timestamp":"2024-01-02T02:04:05.678Z"}`: {
			Type: protocol.Text, Data: []byte("1"),
		},
		`{"id":"mine","message_type":"text","data":1,"timestamp":"2000-01-01T00:00:00Z"}`: {
			Type: protocol.Text, Data: []byte("1"), ID: []byte(`"mine"`), Timestamp: []byte(`"2000-01-01T00:00:00Z"`),
		},
	} {
		if got := string(appendMessage(nil, out, now, newID)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if ids != 1 {
		t.Errorf("%d ids were made, want 1", ids)
	}
}
