package main

import (
	"bufio"
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server/auth"
)

// TestEachClientIsAUserWithAValidToken: the product would refuse any other.
func TestEachClientIsAUserWithAValidToken(t *testing.T) {
	verifier := auth.NewVerifier(auth.Secret([]byte(secret)), auth.Options{Now: time.Now})
	for _, client := range []int{0, 1, maxConnections + directEnds - 1} {
		text, err := productDialect.request(client)
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(text)))
		if err != nil {
			t.Fatal(err)
		}
		token := strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer ")
		claims, fault := verifier.Verify([]byte(token))
		if fault != nil || claims.UserID != userID(client) {
			t.Errorf("client %d: %v, user %v, want %v", client, fault, claims.UserID, userID(client))
		}
	}
}

// TestTheSenderOfAMessageIsKnown, whatever the server adds to it, and a message of the server has none.
func TestTheSenderOfAMessageIsKnown(t *testing.T) {
	receive := func(text []byte) *stream {
		b := []byte(served(string(text)))
		var s stream
		for ok := false; !ok; {
			_, _, ok, _ = s.next(b)
		}
		return &s
	}
	for _, sender := range []int{0, 1, 15} {
		if got := plainDialect.sender(receive(make([]byte, broadcastBytes+sender))); got != sender {
			t.Errorf("sender %d is taken for %d", sender, got)
		}
		tagged := envelope(firstTag+byte(sender), "", chatLetters)
		if got := productDialect.sender(receive([]byte(strings.TrimSuffix(tagged, "}") + `,"seq":12345}`))); got != sender {
			t.Errorf("user %d is taken for %d", sender, got)
		}
	}
	if got := productDialect.sender(receive([]byte(`{"id":"` + uuid.Max.String() + `","message_type":"user_joined"}`))); got >= 0 && got < 16 {
		t.Errorf("a message of the server is taken for one of sender %d", got)
	}
}
