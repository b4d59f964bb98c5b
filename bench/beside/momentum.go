package main

import (
	"bytes"
	"fmt"
)

// ours is Momentum's protocol (docs/PROTOCOL.md).
type ours struct{}

func (ours) request(b []byte, token string, p *position) []byte {
	b = append(b, "/ws?resume="...)
	if p.known {
		b = fmt.Appendf(b, "%s.%d.%d", p.epochs[toAll], p.numbers[toAll], p.numbers[toUser])
	}
	return fmt.Appendf(b, " HTTP/1.1\r\nAuthorization: Bearer %s\r\n", token)
}

func (ours) greeting(string, *position) []byte { return nil }

func (ours) echoes() bool { return false }

// message has an id, as one of a client library would have.
func (ours) message(to, content string, ack int) []byte {
	b := fmt.Appendf(nil, `{"id":"%d","message_type":"text","data":{"content":"%s"}`, ack, content)
	if to != "" {
		b = fmt.Appendf(b, `,"to_user_id":"%s"`, to)
	}
	if ack > 0 {
		b = append(b, `,"ack":true`...)
	}
	return append(b, '}')
}

func (o ours) take(text []byte, _ string, p *position, happened func(e *event) error) ([]byte, error) {
	switch kind := word(after(text, `"message_type":"`)); kind {
	case "text":
		content := contentOf(text)
		if seq := number(afterLast(text, `,"seq":`)); seq > 0 {
			p.numbers[channelOf(content)] = seq
		}
		return nil, happened(&event{kind: isMessage, content: content})
	case "welcome":
		return nil, happened(o.welcome(text, p))
	case "ack":
		return nil, happened(o.acknowledged(text))
	case "error":
		return nil, happened(&event{kind: isRefusal, ack: int(number(after(text, `"ref_id":"`))), code: "error " + word(after(text, `"code":"`))})
	case "gap":
		p.numbers[gapIn(text)] = number(after(text, `"to":`))
		return nil, happened(&event{kind: isAnnounced, code: kind})
	case "position":
		o.move(text, p)
		return nil, happened(&event{kind: isAnnounced, code: kind})
	}
	return nil, nil // presence
}

// acknowledged reads an answer. One without a number says that the message was dropped.
func (ours) acknowledged(text []byte) *event {
	e := &event{kind: isAck, ack: int(number(after(text, `{"id":"`)))}
	if !bytes.Contains(text, []byte(`"stored":true`)) {
		e.kind, e.code = isRefusal, "ack without stored"
	}
	return e
}

func gapIn(text []byte) int {
	if word(after(text, `"channel":"`)) == "direct" {
		return toUser
	}
	return toAll
}

func (o ours) welcome(text []byte, p *position) *event {
	e := &event{kind: isWelcome, recovered: bytes.Contains(text, []byte(`"resumed":true`))}
	if !e.recovered || number(after(text, `"missed":`)) == 0 {
		o.move(text, p)
	}
	return e
}

// move takes the position in a text over.
func (ours) move(text []byte, p *position) {
	p.known = true
	p.epochs[toAll] = word(after(text, `"epoch":"`))
	p.numbers = [2]uint64{number(after(text, `"broadcast":`)), number(after(text, `"direct":`))}
}
