package client

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// position is how far a client is in the broadcast and in its direct messages. See docs/PROTOCOL.md, "How a client keeps its position".
type position struct {
	Epoch     string `json:"epoch"`
	Broadcast uint64 `json:"broadcast"`
	Direct    uint64 `json:"direct"`
}

// welcome is the data of a welcome message.
type welcome struct {
	position
	Resumed bool   `json:"resumed"`
	Missed  int    `json:"missed"`
	Reason  string `json:"reason"`
}

// String returns the query's value of resume.
func (p position) String() string {
	if p.Epoch == "" {
		return ""
	}
	return fmt.Sprintf("%s.%d.%d", p.Epoch, p.Broadcast, p.Direct)
}

// parsePosition reads what String has returned.
func parsePosition(text string) (p position, err error) {
	if text == "" {
		return p, nil
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 || parts[0] == "" {
		return p, errPosition
	}
	p.Epoch = parts[0]
	for i, number := range []*uint64{&p.Broadcast, &p.Direct} {
		if *number, err = strconv.ParseUint(parts[i+1], 10, 64); err != nil {
			return position{}, errPosition
		}
	}
	return p, nil
}

var errPosition = errors.New("a position looks like EPOCH.BROADCAST.DIRECT")

// greet takes the position of a welcome, unless missed messages follow, which bring it.
func (p *position) greet(w welcome) {
	if !w.Resumed || w.Missed == 0 {
		*p = w.position
	}
}

// pass returns false for a message that was handed over already. Else it counts as handed over.
func (p *position) pass(m *Message) bool {
	last := &p.Broadcast
	if m.ToUserID != "" {
		last = &p.Direct
	}
	if m.Seq == 0 {
		return true
	}
	if m.Seq <= *last {
		return false
	}
	*last = m.Seq
	return true
}

// skip takes the end of a gap.
func (p *position) skip(g Gap) {
	if g.Channel == "direct" {
		p.Direct = max(p.Direct, g.To)
	} else {
		p.Broadcast = max(p.Broadcast, g.To)
	}
}
