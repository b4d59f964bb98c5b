package main

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"momentum/server/auth"
)

// dialect is what a server expects from its clients beyond RFC 6455, and what it sends them.
type dialect struct {
	request        func(client int) ([]byte, error) // the handshake
	broadcast      func(sender int) []byte          // a message to all, as a frame
	receivedBytes  int                              // payload bytes of a received message of sender 0; each next sender's is one longer
	echoesToSender bool                             // a sender receives its own messages
	unsolicited    bool                             // the server sends other messages, such as presence
}

// plainDialect is for servers that accept any request and any bytes.
var plainDialect = dialect{
	request:        func(int) ([]byte, error) { return plainRequest, nil },
	broadcast:      func(sender int) []byte { return textFrame(broadcastBytes + sender) },
	receivedBytes:  broadcastBytes,
	echoesToSender: true,
}

// userDialect is for momentum serve: every client is a user with a signed token, and every message one JSON object.
var userDialect = dialect{
	request:       userRequest,
	broadcast:     func(sender int) []byte { return textMessage("", chatLetters+sender) },
	receivedBytes: len(envelope("", chatLetters)) + len(`,"from_user_id":""`) + len(uuid.UUID{}.String()),
	unsolicited:   true,
}

var plainRequest = fmt.Appendf(nil, request, "/", "")

func userRequest(client int) ([]byte, error) {
	all, err := users()
	if err != nil {
		return nil, err
	}
	return all[client], nil
}

// users signs the requests of all clients once, so that the signing is not measured.
var users = sync.OnceValues(func() ([][]byte, error) {
	all := make([][]byte, maxConnections+couriers)
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

// textMessage is a client's frame with a text of that many letters, to one user, or to all if there is none.
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
