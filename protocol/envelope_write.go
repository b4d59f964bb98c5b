package protocol

import (
	"encoding/hex"
	"strconv"
	"unicode/utf8"
)

// Outgoing is a message to send. ID, Data and Timestamp are JSON tokens and are written as they are. ID and Timestamp are
// left out if nil.
type Outgoing struct {
	ID, Data, Timestamp []byte
	From, To            [16]byte
	FromName            string // of the user From; left out if empty
	Topic               []byte // the name of a topic; left out if empty
	HasFrom, HasTo      bool
	Type                MessageType
}

// AppendMessage appends the message as a JSON object. Data that is nil becomes null.
func AppendMessage(dst []byte, m *Outgoing) []byte { return append(AppendUnended(dst, m), '}') }

// AppendUnended appends the message without its final brace, for AppendEnd.
func AppendUnended(dst []byte, m *Outgoing) []byte {
	dst = append(dst, '{')
	if m.ID != nil {
		dst = append(dst, `"id":`...)
		dst = append(dst, m.ID...)
		dst = append(dst, ',')
	}
	dst = append(dst, `"message_type":"`...)
	dst = append(dst, m.Type.String()...)
	dst = append(dst, `","data":`...)
	if m.Data != nil {
		dst = append(dst, m.Data...)
	} else {
		dst = append(dst, "null"...)
	}
	if m.Timestamp != nil {
		dst = append(dst, `,"timestamp":`...)
		dst = append(dst, m.Timestamp...)
	}
	if m.HasFrom {
		dst = AppendUUID(append(dst, `,"from_user_id":`...), m.From)
	}
	if m.FromName != "" {
		dst = AppendString(append(dst, `,"from_username":`...), m.FromName)
	}
	if m.HasTo {
		dst = AppendUUID(append(dst, `,"to_user_id":`...), m.To)
	}
	if len(m.Topic) > 0 {
		dst = append(append(append(dst, `,"topic":"`...), m.Topic...), '"') // a valid name needs no escapes
	}
	return dst
}

// AppendEnd appends the end of a message: its number in its channel, which is left out if 0, and the brace.
func AppendEnd(dst []byte, seq uint64) []byte {
	if seq > 0 {
		dst = strconv.AppendUint(append(dst, `,"seq":`...), seq, 10)
	}
	return append(dst, '}')
}

// AppendUUID appends an id as a JSON string in its 36-character form (RFC 9562 §4).
func AppendUUID(dst []byte, id [16]byte) []byte {
	dst = append(dst, '"')
	dst = append(hex.AppendEncode(dst, id[:4]), '-')
	dst = append(hex.AppendEncode(dst, id[4:6]), '-')
	dst = append(hex.AppendEncode(dst, id[6:8]), '-')
	dst = append(hex.AppendEncode(dst, id[8:10]), '-')
	return append(hex.AppendEncode(dst, id[10:]), '"')
}

// AppendString appends s as a JSON string (RFC 8259 §7). Bytes that are not UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for len(s) > 0 {
		plain := 0
		for plain < len(s) && s[plain] < utf8.RuneSelf && s[plain] >= ' ' && s[plain] != '"' && s[plain] != '\\' {
			plain++
		}
		dst, s = append(dst, s[:plain]...), s[plain:]
		if len(s) > 0 {
			r, size := utf8.DecodeRuneInString(s)
			dst, s = appendRune(dst, r), s[size:]
		}
	}
	return append(dst, '"')
}

// appendRune appends a character of a string, escaped if JSON requires it.
func appendRune(dst []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	switch {
	case r == '"', r == '\\':
		return append(dst, '\\', byte(r))
	case r < ' ':
		return append(dst, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
	}
	return utf8.AppendRune(dst, r)
}
