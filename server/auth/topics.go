package auth

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"
)

// Topics is the claim "topics": patterns of the topics that the user may subscribe and publish to, and the topics that each
// of the user's connections is subscribed to at once. In a pattern, a final * stands for any end, and ${user_id} for the
// user's id.
type Topics struct {
	Subscribe, Publish []string
	Join               []string // topics, with ${user_id}; they need not be in Subscribe
}

// Matches reports whether one of the patterns matches a topic.
func Matches(patterns []string, topic string, user uuid.UUID) bool {
	for _, p := range patterns {
		if matches(p, topic, user) {
			return true
		}
	}
	return false
}

const userVariable = "${user_id}"

func matches(pattern, topic string, user uuid.UUID) bool {
	if before, after, found := strings.Cut(pattern, userVariable); found {
		rest, ok := strings.CutPrefix(topic, before)
		if !ok {
			return false
		}
		rest, ok = strings.CutPrefix(rest, user.String())
		return ok && matches(after, rest, user)
	}
	if beginning, any := strings.CutSuffix(pattern, "*"); any {
		return strings.HasPrefix(topic, beginning)
	}
	return pattern == topic
}

// Expand returns a topic of Join for a user.
func Expand(topic string, user uuid.UUID) string {
	return strings.ReplaceAll(topic, userVariable, user.String())
}

// ParseTopics reads the claim from its JSON. It refuses text that a server would refuse, and members that a server would pass
// over: a person has written the text, and an unknown member is a mistake.
func ParseTopics(text string) (*Topics, error) {
	written := new(Topics)
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(written); err != nil {
		return nil, err
	}
	p := payload{}
	if fault := p.takeTopics([]byte(text)); fault != nil {
		return nil, errors.New(fault.Message)
	}
	if decoder.More() || p.Topics == nil || p.Topics.entries() != written.entries() {
		return nil, errors.New(errTopics.Message)
	}
	return p.Topics, nil
}

func (t *Topics) entries() int { return len(t.Subscribe) + len(t.Publish) + len(t.Join) }

// takeTopics accepts an object with lists of patterns. Unknown members are passed over.
func (p *payload) takeTopics(value []byte) *Error {
	if take, twice := p.state(claimTopics, value); !take {
		return twice
	}
	object, ok := openObject(value)
	if !ok {
		return errTopics
	}
	p.Topics = &Topics{}
	for {
		name, list, more := object.next()
		if !more {
			return nil
		}
		fault := (*Error)(nil)
		switch string(nameOf(name)) {
		case "subscribe":
			fault = takePatterns(list, &p.Topics.Subscribe)
		case "publish":
			fault = takePatterns(list, &p.Topics.Publish)
		case "join":
			fault = takePatterns(list, &p.Topics.Join)
		}
		if fault != nil {
			return fault
		}
	}
}

func takePatterns(value []byte, into *[]string) *Error {
	if string(value) == "null" {
		return nil
	}
	list, ok := openArray(value)
	if !ok || *into != nil {
		return errTopics
	}
	for {
		one, more := list.element()
		if !more {
			return nil
		}
		text, ok := unquote(one)
		if !ok || !validPattern(string(text)) || len(*into) == maxPatterns {
			return errTopics
		}
		*into = append(*into, string(text))
	}
}

// validPattern reports whether a pattern can match a topic at all: 1 to 128 bytes of [A-Za-z0-9_.:-], with ${user_id} in any
// place and a * at the end.
func validPattern(pattern string) bool {
	rest := strings.TrimSuffix(strings.ReplaceAll(pattern, userVariable, "u"), "*")
	for i := range len(rest) {
		c := rest[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("_.:-", c) >= 0) {
			return false
		}
	}
	return pattern != "" && len(pattern) <= maxPatternBytes
}
