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
	request        func(client int) ([]byte, error) // the handshake
	broadcast      func(sender int) []byte          // a message to all clients, as a frame
	size           int                              // payload bytes of the first sender's message at its receivers; one more for each further sender
	echoesToSender bool                             // a sender receives its own messages, too
	unsolicited    bool                             // the server sends messages that no client asked for, such as arrivals
}

// plainDialect is that of the rivals: any request, any bytes.
var plainDialect = dialect{
	request:        func(int) ([]byte, error) { return plainRequest, nil },
	broadcast:      func(sender int) []byte { return textFrame(broadcastBytes + sender) },
	size:           broadcastBytes,
	echoesToSender: true,
}

// productDialect is that of momentum serve: every client is a user with a signed token, every message one JSON object.
var productDialect = dialect{
	request:     userRequest,
	broadcast:   func(sender int) []byte { return textMessage("", chatLetters+sender) },
	size:        len(envelope("", chatLetters)) + len(`,"from_user_id":""`) + len(uuid.UUID{}.String()),
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

// textMessage returns a client's frame with a text of so many letters, for one user or, without one, for all.
func textMessage(to string, letters int) []byte {
	return frame([]byte(envelope(to, letters)))
}

func envelope(to string, letters int) string {
	if to != "" {
		to = `,"to_user_id":"` + to + `"`
	}
	return fmt.Sprintf(`{"id":"%s","message_type":"text","data":{"content":"%s"},"timestamp":"2026-01-01T00:00:00Z"%s}`,
		uuid.UUID{}, bytes.Repeat([]byte("a"), letters), to)
}
