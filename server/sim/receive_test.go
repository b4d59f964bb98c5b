package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// receive reads the bytes that have arrived at the client, checks them and reacts. It reports whether there were any.
func (c *client) receive() bool {
	b := c.Received()
	if c.narrow {
		c.Open(len(b))
	}
	c.buffer = append(c.buffer, b...)
	if !c.upgraded {
		head := bytes.Index(c.buffer, []byte("\r\n\r\n"))
		if head < 0 || !bytes.HasPrefix(c.buffer, []byte("HTTP/1.1 101 ")) {
			c.seeEnd()
			return len(b) > 0
		}
		c.upgraded, c.buffer = true, c.buffer[head+4:]
	}
	for {
		f, rest, whole := cutFrame(c.buffer)
		if !whole {
			break
		}
		c.buffer = rest
		if err := c.receiveFrame(f); err != nil {
			c.w.fail(c, "%v", err)
		}
	}
	if len(c.buffer) == 0 {
		c.buffer = nil
	}
	c.seeEnd()
	return len(b) > 0
}

// seeEnd closes the client's end when the node has closed its own.
func (c *client) seeEnd() {
	if c.EOF && !c.Closed && !c.quiet && c.manner != deaf {
		c.leaving = true
		c.HalfClose()
	}
}

func (c *client) receiveFrame(f received) (err error) {
	text := f.payload
	if c.welcome != nil {
		return c.receiveWelcome(text)
	}
	switch f.first {
	case finBit | rsv1Bit | opText:
		if !c.unpacks {
			return fmt.Errorf("compressed, which was not agreed, or not so")
		}
		if text, err = c.w.zip.unpack(f.payload); err != nil {
			return fmt.Errorf("does not inflate: %w", err)
		}
		return c.receiveText(text)
	case finBit | opText:
		return c.receiveText(text)
	case finBit | opPing:
		if !c.leaving && !c.quiet {
			c.control(opPong, f.payload, item{kind: itemPong})
		}
	case finBit | opPong:
		return c.receivesAnswer(opPong, text)
	case finBit | opClose:
		if !c.leaving && !c.quiet {
			c.control(opClose, text, item{kind: itemPong})
			c.leaving = true
		}
	default:
		return fmt.Errorf("frame %#x %.100q", f.first, text)
	}
	return nil
}

func (c *client) receiveText(text []byte) error {
	_, rest, _ := bytes.Cut(text, []byte(`"message_type":"`))
	kind, _, _ := bytes.Cut(rest, []byte(`"`))
	if renewal, err := c.receiveRenewal(string(kind), text); renewal {
		return err
	}
	if receiveAskError(string(kind), text) {
		return nil
	}
	switch string(kind) {
	case "token_expiring":
		return c.receiveExpiring(text)
	case "text", "notification", "system_message":
		return c.w.model.receives(c, text)
	case "gap":
		return c.receiveGap(text)
	case "subscribed", "unsubscribed":
		return c.receiveTopics(text)
	case "who":
		return c.receiveUsers(text)
	case "pong", "error", "ack":
		return c.receivesAnswer(opText, text)
	case "user_joined", "user_left", "presence":
		return c.receivePresence(text)
	}
	return fmt.Errorf("a message of no known type: %.200q", text)
}

// person is a user in a presence message.
type person struct {
	Username string `json:"username"`
}

// presence is any of the three presence messages.
type presence struct {
	Type  string `json:"message_type"`
	Topic string `json:"topic"`
	Data  struct {
		person
		Joined, Left, Online int
		Sample               struct{ Joined, Left []person }
	} `json:"data"`
}

// receivePresence checks that the arrivals and departures of each user that is announced one by one alternate.
func (c *client) receivePresence(text []byte) error {
	p, err := c.w.parsed(text)
	if err != nil {
		return fmt.Errorf("%.200q: %w", text, err)
	}
	if p.Topic != "" {
		return nil // the model does not know which users a topic has; server/rooms_test.go checks these messages
	}
	if c.told == nil {
		c.told = map[string]bool{}
	}
	if p.Type == "presence" {
		return c.receiveSummary(p)
	}
	came := p.Type == "user_joined"
	if before, known := c.told[p.Data.Username]; known && before == came {
		return fmt.Errorf("twice in a row: %.200q", text)
	}
	if u := c.w.byName[p.Data.Username]; !came && c == c.w.witness && !u.mayHaveLeft(c.w.net.Now()) {
		return fmt.Errorf("told within the grace period: %.200q", text)
	}
	if came && p.Data.Username == c.user.name {
		return fmt.Errorf("told of its own arrival alone: %.200q", text)
	}
	c.told[p.Data.Username] = came
	c.joined += map[bool]int{true: 1, false: -1}[came]
	return nil
}

// receiveSummary applies a summary to the users it names. A user that came and went, or a summary that does not name all
// users it counts, leaves the user unknown.
func (c *client) receiveSummary(p *presence) error {
	joined, left := p.Data.Sample.Joined, p.Data.Sample.Left
	c.joined += p.Data.Joined - p.Data.Left
	if len(joined) > 16 || len(left) > 16 || p.Data.Joined+p.Data.Left == 0 {
		return fmt.Errorf("a summary of %d and %d that names %d and %d", p.Data.Joined, p.Data.Left, len(joined), len(left))
	}
	if p.Data.Joined > len(joined) || p.Data.Left > len(left) {
		c.told = nil
		return nil
	}
	for _, u := range joined {
		c.told[u.Username] = true
	}
	for _, u := range left {
		if _, both := c.told[u.Username]; both && slices.Contains(joined, u) {
			delete(c.told, u.Username)
		} else {
			c.told[u.Username] = false
		}
	}
	return nil
}

// parsed caches the last message that it parsed: all clients receive the same.
func (w *world) parsed(text []byte) (*presence, error) {
	if string(text) == w.toldText {
		return &w.told, nil
	}
	w.told, w.toldText = presence{}, string(text)
	return &w.told, json.Unmarshal(text, &w.told)
}
