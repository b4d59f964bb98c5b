package main

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	momentum "momentum/client"
)

// message is the JSON envelope.
type message struct {
	ID        string          `json:"id"`
	Type      string          `json:"message_type"`
	Data      json.RawMessage `json:"data"`
	Timestamp string          `json:"timestamp"`
	From      string          `json:"from_user_id,omitempty"`
	FromName  string          `json:"from_username,omitempty"`
	To        string          `json:"to_user_id,omitempty"`
	Topic     string          `json:"topic,omitempty"`
	Seq       uint64          `json:"seq,omitempty"` // its number in its channel
	Ack       bool            `json:"ack,omitempty"` // the server is to answer with ack
}

// typeWho is the type of the question for the users online, and of its answer.
const typeWho = "who"

// stampFormat is RFC 3339 with milliseconds.
const stampFormat = "2006-01-02T15:04:05.000Z07:00"

// newMessage returns a message as JSON, and its id, which the answer repeats.
func newMessage(kind string, data any, now time.Time) (id string, payload []byte, err error) {
	return newMessageTo(momentum.Outgoing{Type: kind, Data: data}, now)
}

// newMessageTo returns a message to everybody, a user or a topic as JSON.
func newMessageTo(to momentum.Outgoing, now time.Time) (id string, payload []byte, err error) {
	encoded, err := json.Marshal(to.Data)
	if err != nil {
		return "", nil, err
	}
	m := message{ID: uuid.NewString(), Type: to.Type, Data: encoded, Timestamp: now.UTC().Format(stampFormat), To: to.ToUserID, Topic: to.Topic}
	payload, err = json.Marshal(m)
	return m.ID, payload, err
}

// content is the data of text and notification.
type content struct {
	Content string `json:"content"`
}

// answers returns the id of the message that this one answers, or "".
func (m *message) answers() string {
	switch m.Type {
	case "pong", "refreshed", "ack", typeWho:
		return m.ID
	case "error":
		var data errorData
		if json.Unmarshal(m.Data, &data) == nil {
			return data.RefID
		}
	}
	return ""
}

// isPosition reports whether a message is about the position of a connection that returns, which prints for itself what a person must know. A new
// position in a topic it does not print.
func (m *message) isPosition() bool {
	var data struct{ Topic string }
	return m.Type == "welcome" || m.Type == "position" && json.Unmarshal(m.Data, &data) == nil && data.Topic == ""
}

// isTemporary reports whether a message is an error after which the package client sends its own message again.
func (m *message) isTemporary() bool {
	var data errorData
	return m.Type == "error" && json.Unmarshal(m.Data, &data) == nil && (data.Code == "overloaded" || data.Code == "bus_unavailable")
}

// errorData is the data of error.
type errorData struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	RefID   string `json:"ref_id"`
}
