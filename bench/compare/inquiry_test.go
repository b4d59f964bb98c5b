package main

import (
	"bytes"
	"testing"
)

// TestInquiriesAreAskedAsTheirHandshakesAre compares the token of a refused handshake with that of its inquiry.
func TestInquiriesAreAskedAsTheirHandshakesAre(t *testing.T) {
	token := func(j job) []byte {
		text, _, err := j.asked()
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := bytes.Cut(text, []byte("Bearer "))
		found, _, _ := bytes.Cut(after, []byte("\r\n"))
		return found
	}
	handshake, refused, accepted := inquiry(askHandshake), inquiry(askRefused), inquiry(askAccepted)
	if !bytes.Equal(token(handshake), token(refused)) || bytes.Equal(token(refused), token(accepted)) || len(token(accepted)) == 0 {
		t.Errorf("%q %q %q", token(handshake), token(refused), token(accepted))
	}
	if refused.Against != handshake.Name || accepted.Against != handshake.Name || handshake.Against != "" {
		t.Error(refused.Against, accepted.Against)
	}
}
