package server

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"momentum/server/auth"
)

// clientVerbs are the actions of a client in a golden conversation: "NAME VERB REST". "<NAME>" in the rest is a user's
// id.
var clientVerbs = map[string]func(w *world, c *client, rest string){
	">":             sendText,       // a message, as it stands
	"sends":         sendRaw,        // bytes, as a Go string
	"repeats":       sendRepeatedly, // TIMES, and bytes as a Go string
	"frame":         sendFrame,      // an opcode in hex, and a payload as it stands
	"closes":        sendClose,      // a close code
	"requests":      sendRequest,    // an upgrade with this token
	"upgrades":      sendUpgrade,    // an upgrade with a good token, and with header lines separated by "; "
	"inquires":      sendInquiry,    // a plain GET for /ws with a good token, and with header lines separated by "; "
	"resumes":       resume,         // an upgrade with a good token and a position: [EPOCH.BROADCAST.DIRECT]; <epoch> is the node's
	"claims":        claimTopics,    // an upgrade with a token that has this claim topics
	"re-claims":     reclaimTopics,  // a refresh message with such a token
	"presents":      presentToken,   // an upgrade with a new token: LIFE [ID]
	"refreshes":     refreshToken,   // a refresh message with a new token: [NAME's] LIFE [ID]
	"hangs-up":      hangUp,         // resets the connection
	"stops-reading": stopReading,    // lets the node's bytes pile up
}

func (w *world) act(c *client, what string) {
	verb, rest, _ := strings.Cut(what, " ")
	rest = strings.ReplaceAll(rest, "<epoch>", w.server.epoch)
	for _, other := range w.clients {
		rest = strings.ReplaceAll(rest, "<"+other.name+">", userID(other.name).String())
	}
	do, ok := clientVerbs[verb]
	if !ok {
		w.t.Fatalf("a client cannot %q", verb)
	}
	do(w, c, rest)
}

func sendText(_ *world, c *client, message string) { c.text(message) }

func sendRaw(w *world, c *client, quoted string) { c.Send(w.unquoted(quoted)) }

func sendRepeatedly(w *world, c *client, rest string) {
	times, quoted, _ := strings.Cut(rest, " ")
	c.Send(bytes.Repeat(w.unquoted(quoted), w.number(times)))
}

func (w *world) unquoted(quoted string) []byte {
	raw, err := strconv.Unquote(quoted)
	if err != nil {
		w.t.Fatal(err)
	}
	return []byte(raw)
}

func (w *world) number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func sendFrame(w *world, c *client, rest string) {
	digits, payload, _ := strings.Cut(rest, " ")
	opcode, err := hex.DecodeString(digits)
	if err != nil {
		w.t.Fatal(err)
	}
	c.Send(frame(opcode[0], []byte(payload)))
}

func sendClose(w *world, c *client, rest string) {
	code := w.number(rest)
	c.Send(frame(8, []byte{byte(code >> 8), byte(code)}))
}

func sendRequest(_ *world, c *client, token string) { c.Send(upgradeRequest(token)) }

func sendUpgrade(w *world, c *client, headers string) {
	lines := strings.ReplaceAll("; "+cmp.Or(headers, "X: y"), "; ", "\r\n")
	c.Send(bytes.Replace(upgradeRequest(w.token(c.name)), []byte("\r\n\r\n"), []byte(lines+"\r\n\r\n"), 1))
}

func sendInquiry(w *world, c *client, headers string) {
	lines := strings.ReplaceAll("; "+cmp.Or(headers, "X: y"), "; ", "\r\n")
	c.Send([]byte("GET /ws?token=" + w.token(c.name) + " HTTP/1.1\r\nHost: localhost" + lines + "\r\n\r\n"))
}

func presentToken(w *world, c *client, token string) {
	c.Send(upgradeRequest(w.tokenWith(c.name, token)))
}

func resume(w *world, c *client, position string) {
	c.Send(upgradeRequest(w.token(c.name) + "&resume=" + position))
}

func claimTopics(w *world, c *client, topics string) {
	c.Send(upgradeRequest(w.tokenForTopics(c.name, topics)))
}

func reclaimTopics(w *world, c *client, topics string) {
	c.text(refreshMessage(w.tokenForTopics(c.name, topics)))
}

// tokenForTopics signs a token with the claim topics, as JSON.
func (w *world) tokenForTopics(name, topics string) string {
	var claim auth.Topics
	if err := json.Unmarshal([]byte(topics), &claim); err != nil {
		w.t.Fatal(err)
	}
	token, err := auth.Sign(secret, auth.Claims{
		UserID: userID(name), Username: name, IssuedAt: w.net.Now().Unix(), ExpiresAt: w.net.Now().Add(time.Hour).Unix(), Topics: &claim,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

func refreshToken(w *world, c *client, token string) {
	owner := c.name
	if name, rest, others := strings.Cut(token, "'s "); others {
		owner, token = name, rest
	}
	c.text(refreshMessage(w.tokenWith(owner, token)))
}

func hangUp(_ *world, c *client, _ string) {
	c.HangUp()
	c.told = true
}

func stopReading(_ *world, c *client, _ string) { c.Window = 0 }
