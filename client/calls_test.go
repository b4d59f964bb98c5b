package client

import (
	"errors"
	"testing"
)

func TestACallIsSettledOnce(t *testing.T) {
	var c calls
	var got []string
	settle := func(m *Message, err error) {
		if m != nil {
			got = append(got, m.ID)
		} else {
			got = append(got, err.Error())
		}
	}
	c.add("a", settle)
	c.add("b", settle)
	if !c.answer("a", &Message{ID: "a"}, nil) || c.answer("a", nil, errors.New("twice")) || c.answer("x", nil, errors.New("unknown")) {
		t.Error(got)
	}
	c.fail(errors.New("lost"))
	c.fail(errors.New("twice"))
	if len(got) != 2 || got[0] != "a" || got[1] != "lost" {
		t.Error(got)
	}
}
