package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// centrifuge is the JSON protocol of Centrifugo and of its library, with the channels of bench/rivals/centrifuge: one for all, and one for
// each user. A frame has one text or more, one a line.
type centrifuge struct{}

const (
	channelOfAll = "all"
	channelMark  = "#" // before the user's id
)

func (centrifuge) request(b []byte, _ string, _ *position) []byte {
	return append(b, "/ws HTTP/1.1\r\n"...)
}

func (centrifuge) greeting(token string, p *position) []byte {
	b := fmt.Appendf(nil, `{"id":1,"connect":{"token":"%s"`, token)
	if p.known {
		b = fmt.Appendf(b, `,"subs":{"%s":{"recover":true,"epoch":"%s","offset":%d},"%s":{"recover":true,"epoch":"%s","offset":%d}}`,
			channelOfAll, p.epochs[toAll], p.numbers[toAll], channelMark+p.user, p.epochs[toUser], p.numbers[toUser])
	}
	return append(b, "}}"...)
}

func (centrifuge) echoes() bool { return true }

// message is a "send", which has no answer, or a "publish", which has one.
func (centrifuge) message(to, content string, ack int) []byte {
	channel := channelOfAll
	if to != "" {
		channel = channelMark + to
	}
	if ack == 0 {
		return fmt.Appendf(nil, `{"send":{"data":{"to":"%s","data":{"content":"%s"}}}}`, channel, content)
	}
	return fmt.Appendf(nil, `{"id":%d,"publish":{"channel":"%s","data":{"content":"%s"}}}`, ack+1, channel, content)
}

func (c centrifuge) take(text []byte, _ string, p *position, happened func(e *event) error) ([]byte, error) {
	var answer []byte
	for line := range bytes.Lines(text) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		var err error
		switch {
		case string(line) == "{}":
			answer = line
		case bytes.HasPrefix(line, []byte(`{"push":`)):
			err = c.push(line, p, happened)
		default:
			err = c.reply(line, p, happened)
		}
		if err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// push handles a message or a notice.
func (centrifuge) push(line []byte, p *position, happened func(e *event) error) error {
	if !bytes.Contains(line, []byte(`"pub":`)) {
		var other struct{ Push map[string]json.RawMessage }
		if err := json.Unmarshal(line, &other); err != nil {
			return fmt.Errorf("a push of centrifuge: %w", err)
		}
		for name := range other.Push {
			if name != "channel" {
				return happened(&event{kind: isAnnounced, code: name})
			}
		}
		return nil
	}
	content := contentOf(line)
	p.numbers[channelOf(content)] = number(afterLast(line, `"offset":`))
	return happened(&event{kind: isMessage, content: content})
}

// connected is a reply to a connect, with the missed messages, or to a publication.
type connected struct {
	ID      int
	Error   *struct{ Code int }
	Connect *struct {
		Subs map[string]struct {
			Epoch        string
			Offset       uint64
			Recovered    bool
			Publications []json.RawMessage
		}
	}
}

func (c centrifuge) reply(line []byte, p *position, happened func(e *event) error) error {
	var r connected
	if err := json.Unmarshal(line, &r); err != nil {
		return fmt.Errorf("a reply of centrifuge: %w", err)
	}
	switch {
	case r.Error != nil:
		return happened(&event{kind: isRefusal, ack: r.ID - 1, code: "error " + strconv.Itoa(r.Error.Code)})
	case r.Connect == nil:
		return happened(&event{kind: isAck, ack: r.ID - 1})
	}
	all := p.known
	for name, sub := range r.Connect.Subs {
		channel := toUser
		if name == channelOfAll {
			channel = toAll
		}
		p.epochs[channel], p.numbers[channel] = sub.Epoch, sub.Offset
		all = all && sub.Recovered
		for _, publication := range sub.Publications {
			if err := happened(&event{kind: isMessage, content: contentOf(publication)}); err != nil {
				return err
			}
		}
	}
	p.known = true
	return happened(&event{kind: isWelcome, recovered: all})
}
