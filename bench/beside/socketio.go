package main

import (
	"bytes"
	"fmt"
)

// socketIO is the protocol of Socket.IO 4 on WebSocket (Engine.IO 4), with the events of bench/rivals/socketio. The last argument of an event
// is its offset.
type socketIO struct{}

func (socketIO) request(b []byte, _ string, _ *position) []byte {
	return append(b, "/socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"...)
}

func (socketIO) greeting(string, *position) []byte { return nil } // it follows the server's first packet

func (socketIO) echoes() bool { return true }

func (socketIO) message(to, content string, ack int) []byte {
	b := []byte("42")
	if ack > 0 {
		b = fmt.Appendf(b, "%d", ack)
	}
	return fmt.Appendf(b, `["send","%s",{"content":"%s"}]`, to, content)
}

func (s socketIO) take(text []byte, token string, p *position, happened func(e *event) error) ([]byte, error) {
	if len(text) == 0 {
		return nil, nil
	}
	switch {
	case text[0] == '0': // open
		return s.hello(token, p), nil
	case text[0] == '2': // ping
		return []byte{'3'}, nil
	case bytes.HasPrefix(text, []byte("42")):
		content := contentOf(text)
		if bytes.HasSuffix(text, []byte(`"]`)) {
			p.offset = word(afterLast(text[:len(text)-2], `,"`))
		}
		return nil, happened(&event{kind: isMessage, content: content})
	case bytes.HasPrefix(text, []byte("40")):
		session := word(after(text, `"pid":"`))
		e := &event{kind: isWelcome, recovered: p.session != "" && p.session == session}
		p.session, p.known = session, true
		return nil, happened(e)
	case bytes.HasPrefix(text, []byte("43")):
		return nil, happened(&event{kind: isAck, ack: int(number(text[2:]))})
	case bytes.HasPrefix(text, []byte("41")):
		return nil, happened(&event{kind: isAnnounced, code: "disconnect"})
	case bytes.HasPrefix(text, []byte("44")):
		return nil, happened(&event{kind: isRefusal, code: "connect_error " + word(after(text, `"message":"`))})
	}
	return nil, nil
}

// hello asks for the namespace, and for the session that the client had. Without an offset, a client names none.
func (socketIO) hello(token string, p *position) []byte {
	b := fmt.Appendf(nil, `40{"token":"%s"`, token)
	if p.session != "" && p.offset != "" {
		b = fmt.Appendf(b, `,"pid":"%s","offset":"%s"`, p.session, p.offset)
	}
	return append(b, '}')
}
