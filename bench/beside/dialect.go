package main

import "bytes"

// dialect is the protocol of a server and its clients. Its texts are the payloads of WebSocket frames.
type dialect interface {
	// request appends the target of the handshake's request and its further header lines.
	request(b []byte, token string, p *position) []byte
	// greeting returns the text after the 101; nil: none.
	greeting(token string, p *position) []byte
	// take reads a text of the server, moves the position, hands over its events, and returns the answer that the protocol asks for.
	take(text []byte, token string, p *position, happened func(e *event) error) (answer []byte, err error)
	// message returns a text for the user of that id, or for all if it is empty. The server acknowledges it if ack is above 0.
	message(to, content string, ack int) []byte
	// echoes reports whether a sender gets its own messages to all.
	echoes() bool
}

// position is how far a client is, as far as its server tells.
type position struct {
	user    string
	known   bool      // there is a position to come back to
	epochs  [2]string // of each channel
	numbers [2]uint64
	session string // of Socket.IO
	offset  string
}

// Channels of a position.
const (
	toAll = iota
	toUser
)

// kind is the kind of an event.
type kind uint8

const (
	isMessage   kind = iota
	isWelcome        // the client is connected
	isAck            // of a message with a number
	isRefusal        // of a message with a number, or of something else: 0
	isAnnounced      // messages are lost, or the position is another one
)

// event is something that a server tells a client. It is valid during the call.
type event struct {
	client    int
	kind      kind
	content   []byte // of a message
	ack       int
	recovered bool   // of a welcome: the server says that nothing is missing
	code      string // for the record: a code or a kind, not a text
}

// Contents begin with the channel.
const (
	broadcastContent = 'b'
	directContent    = 'd'
)

// contentOf returns the content of a message that one of our clients has sent.
func contentOf(text []byte) []byte {
	content, _, _ := bytes.Cut(after(text, `"content":"`), []byte(`"`))
	return content
}

// after returns the bytes after a key; nil: there is none.
func after(text []byte, key string) []byte {
	if at := bytes.Index(text, []byte(key)); at >= 0 {
		return text[at+len(key):]
	}
	return nil
}

// afterLast returns the bytes after the last such key; nil: there is none.
func afterLast(text []byte, key string) []byte {
	if at := bytes.LastIndex(text, []byte(key)); at >= 0 {
		return text[at+len(key):]
	}
	return nil
}

// word returns the bytes up to a quote.
func word(b []byte) string {
	text, _, _ := bytes.Cut(b, []byte(`"`))
	return string(text)
}

// number reads the digits at the beginning of b.
func number(b []byte) (n uint64) {
	for _, digit := range b {
		if digit < '0' || digit > '9' {
			break
		}
		n = 10*n + uint64(digit-'0')
	}
	return n
}

// channelOf returns the channel of a content.
func channelOf(content []byte) int {
	if len(content) > 0 && content[0] == directContent {
		return toUser
	}
	return toAll
}
