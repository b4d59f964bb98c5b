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

// describe puts a received message on one line: when, what, from whom, and what it says. What it cannot read is
// shown as it came.
func describe(payload []byte, at time.Time, zone *time.Location) string {
	var m message
	if json.Unmarshal(payload, &m) != nil {
		return oneLine(string(payload))
	}
	says, ok := m.says()
	if !ok {
		return oneLine(string(payload))
	}
	if sent, err := time.Parse(time.RFC3339, m.Timestamp); err == nil {
		at = sent
	}
	return oneLine(at.In(zone).Format(time.TimeOnly) + " " + m.Type + m.between() + ": " + says)
}

// between names the sender, and tells what was sent to this user alone.
func (m *message) between() string {
	var who string
	if m.To != "" {
		who = " to you"
	}
	if m.From != "" {
		who += " from " + m.From
	}
	return who
}

// says returns what a message says. It reports false for a type the client does not know.
func (m *message) says() (string, bool) {
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
		var user struct {
			UserID   string `json:"user_id"`
			Username string `json:"username"`
		}
		if json.Unmarshal(m.Data, &user) == nil && user.UserID != "" {
			return user.Username + " (" + user.UserID + ")", true
		}
		return compact(m.Data), true
	case "token_expiring", "refreshed":
		return m.life(), true
	case "error":
		var data errorData
		if json.Unmarshal(m.Data, &data) == nil && data.Code != "" {
			return data.says(), true
		}
		return compact(m.Data), true
	}
	return "", false
}

// life says until when the token that the message is about is good.
func (m *message) life() string {
	var data struct {
		ExpiresAt time.Time `json:"expires_at"`
		Seconds   *int      `json:"seconds"`
	}
	if json.Unmarshal(m.Data, &data) != nil || data.ExpiresAt.IsZero() {
		return compact(m.Data)
	}
	until := data.ExpiresAt.UTC().Format(time.RFC3339)
	if m.Type == "refreshed" {
		return "the new token is good until " + until
	}
	left := ""
	if data.Seconds != nil {
		left = fmt.Sprintf("in %d seconds, ", *data.Seconds)
	}
	return "the connection ends " + left + "at " + until + `, unless you send another token: json {"message_type":"refresh","data":{"token":"..."}}`
}

func (e *errorData) says() string {
	if e.RefID == "" {
		return e.Code + ", " + e.Message
	}
	return e.Code + ", " + e.Message + " (message " + e.RefID + ")"
}

// compact takes the white space out of a JSON value.
func compact(value json.RawMessage) string {
	var out bytes.Buffer
	if json.Compact(&out, value) != nil {
		return string(value)
	}
	return out.String()
}

// oneLine writes out what would break the line or steer the terminal: other people wrote it.
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
