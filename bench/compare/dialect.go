package main

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"momentum/server/auth"
)

// dialect is what a server wants to hear from its clients beyond RFC 6455, and what they hear of it.
type dialect struct {
	request   func(client int) ([]byte, error) // the handshake
	broadcast func(sender int) []byte          // a message for everybody, as a frame
	heard     int                              // payload bytes of sender 0's message as others get it; one more for each next
	hearsOwn  bool                             // a sender gets its own message too
	chatty    bool                             // the server says things unasked, such as who has come
}

// bare is what the rivals speak: any request, any bytes.
var bare = dialect{
	request:   func(int) ([]byte, error) { return plainRequest, nil },
	broadcast: func(sender int) []byte { return textFrame(broadcastBytes + sender) },
	heard:     broadcastBytes,
	hearsOwn:  true,
}

// whole is what the product speaks: every client is a user with a signed token, every message one JSON object.
var whole = dialect{
	request:   userRequest,
	broadcast: func(sender int) []byte { return textMessage("", chatLetters+sender) },
	heard:     len(envelope("", chatLetters)) + len(`,"from_user_id":""`) + len(uuid.UUID{}.String()),
	chatty:    true,
}

var plainRequest = fmt.Appendf(nil, request, "/", "")

func userRequest(client int) ([]byte, error) {
	all, err := users()
	if err != nil {
		return nil, err
	}
	return all[client], nil
}

// users signs what all clients ask with once, so that it is not the generator's signing that is measured.
var users = sync.OnceValues(func() ([][]byte, error) {
	all := make([][]byte, most+couriers)
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

// textMessage is a client's frame with a text of so many letters, for one user or, without one, for everybody.
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
