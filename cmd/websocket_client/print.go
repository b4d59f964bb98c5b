package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// describe formats a received message as one line: time, type, sender, content, number. A message that it does not understand
// is shown unchanged.
func describe(payload []byte, at time.Time, zone *time.Location) string {
	return describeTo(false, payload, at, zone)
}

// describeTo is describe, with names instead of ids for a person.
func describeTo(person bool, payload []byte, at time.Time, zone *time.Location) string {
	var m message
	if json.Unmarshal(payload, &m) != nil {
		return oneLine(string(payload))
	}
	if person {
		m.nameUsers()
	}
	says, ok := m.text()
	if !ok {
		return oneLine(string(payload))
	}
	if sent, err := time.Parse(time.RFC3339, m.Timestamp); err == nil {
		at = sent
	}
	return oneLine(at.In(zone).Format(time.TimeOnly) + " " + m.Type + m.route() + ": " + says + m.number())
}

// user describes the user of user_joined and user_left.
func (m *message) user() string {
	var user struct {
		UserID   string `json:"user_id"`
		Username string `json:"username"`
	}
	if json.Unmarshal(m.Data, &user) == nil && user.UserID != "" {
		return user.Username + " (" + user.UserID + ")"
	}
	var name string
	if json.Unmarshal(m.Data, &name) == nil {
		return name
	}
	return compact(m.Data)
}

// nameUsers replaces the ids of users by their names.
func (m *message) nameUsers() {
	if m.FromName != "" {
		m.From = m.FromName
	}
	if m.Type != "user_joined" && m.Type != "user_left" {
		return
	}
	var user struct{ Username string }
	if json.Unmarshal(m.Data, &user) == nil && user.Username != "" {
		m.Data, _ = json.Marshal(user.Username)
	}
}

// route names the sender, and says if the message was sent to this user alone.
func (m *message) route() string {
	var route string
	switch {
	case m.To != "":
		route = " to you"
	case m.Topic != "":
		route = " in " + m.Topic
	}
	if m.From != "" {
		route += " from " + m.From
	}
	return route
}

// number shows the number of a message that has one.
func (m *message) number() string {
	if m.Seq == 0 {
		return ""
	}
	return " (seq " + strconv.FormatUint(m.Seq, 10) + ")"
}

// text returns the content of a message. It returns false for a type that the client does not know.
func (m *message) text() (string, bool) {
	switch m.Type {
	case "text", "notification", "system_message":
		var data content
		if json.Unmarshal(m.Data, &data) == nil && data.Content != "" {
			return data.Content, true
		}
		return compact(m.Data), true
	case "pong":
		return m.ID + " " + compact(m.Data), true
	case "user_joined", "user_left":
		return m.user(), true
	case "token_expiring", "refreshed":
		return m.expiry(), true
	case "welcome", "gap", "position", "ack":
		return m.resumption(), true
	case "subscribed", "unsubscribed":
		return m.topics(), true
	case "error":
		var data errorData
		if json.Unmarshal(m.Data, &data) == nil && data.Code != "" {
			return data.text(), true
		}
		return compact(m.Data), true
	}
	return "", false
}

// topics describes an answer about topics.
func (m *message) topics() string {
	var data struct {
		Topics []struct {
			Topic, Error, Reason string
			Missed               int
		}
	}
	if json.Unmarshal(m.Data, &data) != nil || len(data.Topics) == 0 {
		return compact(m.Data)
	}
	var parts []string
	for _, t := range data.Topics {
		switch {
		case t.Error != "":
			parts = append(parts, t.Topic+" refused ("+t.Error+")")
		case t.Reason != "":
			parts = append(parts, t.Topic+" (messages may be missing: "+whyMissing(t.Reason)+")")
		case t.Missed > 0:
			parts = append(parts, fmt.Sprintf("%s (%d missed messages)", t.Topic, t.Missed))
		default:
			parts = append(parts, t.Topic)
		}
	}
	return strings.Join(parts, ", ")
}

// resumption describes a message about the numbers of messages.
func (m *message) resumption() string {
	var data struct {
		Epoch, Reason, Channel, Topic    string
		Broadcast, Direct, From, To, Seq uint64
		Missed                           int
		Resumed, Online, Stored          bool
	}
	if json.Unmarshal(m.Data, &data) != nil {
		return compact(m.Data)
	}
	switch {
	case m.Type == "gap":
		return fmt.Sprintf("messages %d to %d of channel %s are lost", data.From, data.To, data.Channel)
	case m.Type == "position" && data.Topic != "":
		return fmt.Sprintf("%d of topic %s, epoch %s; messages may be missing, or come a second time", data.Seq, data.Topic, data.Epoch)
	case m.Type == "position":
		return fmt.Sprintf("%s.%d.%d; messages may be missing, or come a second time", data.Epoch, data.Broadcast, data.Direct)
	case m.Type == "ack":
		return fmt.Sprintf("%s, number %d, online %v, stored %v", m.ID, data.Seq, data.Online, data.Stored)
	case data.Resumed:
		return fmt.Sprintf("resumed, %d missed messages; the position is %s.%d.%d", data.Missed, data.Epoch, data.Broadcast, data.Direct)
	}
	return fmt.Sprintf("not resumed (%s); the position is %s.%d.%d", data.Reason, data.Epoch, data.Broadcast, data.Direct)
}

// expiry describes until when the token of the message is valid.
func (m *message) expiry() string {
	var data struct {
		ExpiresAt time.Time `json:"expires_at"`
		Seconds   *int      `json:"seconds"`
	}
	if json.Unmarshal(m.Data, &data) != nil || data.ExpiresAt.IsZero() {
		return compact(m.Data)
	}
	until := data.ExpiresAt.UTC().Format(time.RFC3339)
	if m.Type == "refreshed" {
		return "the new token is valid until " + until
	}
	left := ""
	if data.Seconds != nil {
		left = fmt.Sprintf("in %d seconds, ", *data.Seconds)
	}
	return "the connection ends " + left + "at " + until + `, unless you send another token: json {"message_type":"refresh","data":{"token":"..."}}`
}

func (e *errorData) text() string {
	if e.RefID == "" {
		return e.Code + ", " + e.Message
	}
	return e.Code + ", " + e.Message + " (message " + e.RefID + ")"
}

// compact removes the white space from a JSON value.
func compact(value json.RawMessage) string {
	var out bytes.Buffer
	if json.Compact(&out, value) != nil {
		return string(value)
	}
	return out.String()
}

// oneLine escapes characters that would break the line or control the terminal: other users wrote the text.
func oneLine(text string) string {
	var out strings.Builder
	for _, r := range strings.TrimSpace(text) {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			out.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}
