package client

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"
)

// stampFormat is RFC 3339 with milliseconds.
const stampFormat = "2006-01-02T15:04:05.000Z07:00"

// Outgoing is a message to send.
type Outgoing struct {
	Type     string // "text" if empty, or "notification"
	Data     any    // anything that encodes as JSON
	ToUserID string // the user that gets it; empty: everybody, or the topic
	Topic    string // the topic of the subscribers that get it
	ID       string // empty: a new one. The server delivers two messages of a user with the same id once
}

// sending is the envelope of a message to the server.
type sending struct {
	ID        string `json:"id,omitempty"`
	Type      string `json:"message_type"`
	Data      any    `json:"data"`
	Timestamp string `json:"timestamp,omitempty"`
	ToUserID  string `json:"to_user_id,omitempty"`
	Topic     string `json:"topic,omitempty"`
	Ack       bool   `json:"ack,omitempty"`
}

// encode returns the message as JSON. The time is that of now also if it is sent later, or again.
func (m *Outgoing) encode(now time.Time) ([]byte, error) {
	kind := m.Type
	if kind == "" {
		kind = "text"
	}
	return json.Marshal(sending{m.ID, kind, m.Data, now.UTC().Format(stampFormat), m.ToUserID, m.Topic, true})
}

// request returns a message for the server itself. Its data is a value of this package, which can be encoded.
func request(id, kind string, data any) []byte {
	payload, _ := json.Marshal(sending{ID: id, Type: kind, Data: data})
	return payload
}

// newID returns a random UUID (RFC 9562, version 4).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
