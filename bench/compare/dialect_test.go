package main

import (
	"bufio"
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

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

// TestSendersAreKnownByTheSizeOfTheirMessages.
func TestSendersAreKnownByTheSizeOfTheirMessages(t *testing.T) {
	for _, d := range []*dialect{&plainDialect, &productDialect} {
		if first, third := d.broadcast(0), d.broadcast(2); len(third) != len(first)+2 {
			t.Errorf("frames of %d and %d bytes, want a difference of 2", len(first), len(third))
		}
	}
	if direct := len(envelope(userID(0).String(), directLetters)); direct <= productDialect.size+100 {
		t.Errorf("a direct message has %d bytes, a broadcast %d", direct, productDialect.size)
	}
}
