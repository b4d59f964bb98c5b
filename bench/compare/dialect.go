package main

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"momentum/server/auth"
)

// dialect is the part of a server's protocol that RFC 6455 leaves open.
type dialect struct {
	request        func(client int) ([]byte, error)                  // the handshake
	resume         func(client int, position string) ([]byte, error) // the handshake of a user that was at a position, "" at first
	broadcast      func(sender int) []byte                           // a message to all clients, as a frame
	sender         func(s *stream) int                               // the number of the sender of the message that a client has just received
	echoesToSender bool                                              // a sender receives its own messages, too
	unsolicited    bool                                              // the server sends messages that no client asked for, such as arrivals
}

// plainDialect is that of the rivals: any request, any bytes. The size of a message tells its sender, since the floor sends
// payloads on masked.
var plainDialect = dialect{
	request: func(int) ([]byte, error) { return plainRequest, nil },
	resume: func(client int, _ string) ([]byte, error) {
		return fmt.Appendf(nil, request, "/?user="+userID(client).String(), ""), nil
	},
	broadcast:      func(sender int) []byte { return textFrame(broadcastBytes + sender) },
	sender:         func(s *stream) int { return s.size - broadcastBytes },
	echoesToSender: true,
}

// productDialect is that of momentum serve: every client is a user with a signed token, every message one JSON object. The
// last letter of its id tells its sender: the server adds numbers of growing length.
var productDialect = dialect{
	request: userRequest,
	resume: func(client int, position string) ([]byte, error) {
		text, err := userRequest(client)
		return bytes.Replace(text, []byte("/ws"), []byte("/ws?resume="+position), 1), err
	},
	broadcast:   func(sender int) []byte { return frame([]byte(envelope(firstTag+byte(sender), "", chatLetters))) },
	sender:      func(s *stream) int { return int(s.tag) - firstTag },
	unsolicited: true,
}

var plainRequest = fmt.Appendf(nil, request, "/", "")

func userRequest(client int) ([]byte, error) {
	all, err := users()
	if err != nil {
		return nil, err
	}
	return all[client], nil
}

// users makes the requests of all clients once, so that signing the tokens is not measured.
var users = sync.OnceValues(func() ([][]byte, error) {
	all := make([][]byte, maxConnections+directEnds)
	now := time.Now()
	for i := range all {
		token, err := auth.Sign([]byte(secret), auth.Claims{
			UserID: userID(i), Username: fmt.Sprintf("user%05d", i), Email: fmt.Sprintf("user%05d@example.com", i),
			ID: uuid.NewString(), IssuedAt: now.Unix(), ExpiresAt: now.Add(24 * time.Hour).Unix(),
		})
		if err != nil {
			return nil, err
		}
		all[i] = fmt.Appendf(nil, request, "/ws", "Authorization: Bearer "+token+"\r\n")
	}
	return all, nil
})

func userID(client int) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, client))
}

// The last byte of the id of a message is its tag. The ids that the server makes have lower-case hexadecimal digits at
// this place.
const (
	tagAt     = len(`{"id":"`) + len("00000000-0000-0000-0000-000000000000") - 1
	firstTag  = 'A' // of the first sender; those of the others follow
	directTag = 'z'
	replyTag  = 'y' // of a subscription and its answer
)

// tagged returns an id with a tag.
func tagged(tag byte) string { return uuid.UUID{}.String()[1:] + string(tag) }

// envelope returns a text message of so many letters, for one user or, without one, for all.
func envelope(tag byte, to string, letters int) string {
	if to != "" {
		to = `,"to_user_id":"` + to + `"`
	}
	return message(tag, to, letters)
}

// message returns a text message with a further field.
func message(tag byte, to string, letters int) string {
	return fmt.Sprintf(`{"id":"%s","message_type":"text","data":{"content":"%s"},"timestamp":"2026-01-01T00:00:00Z"%s}`,
		tagged(tag), bytes.Repeat([]byte("a"), letters), to)
}
