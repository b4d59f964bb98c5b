package client

import (
	"bytes"
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
	c.add("a", []byte("question"), settle)
	c.add("b", nil, settle)
	if !c.answer("a", &Message{ID: "a"}, nil) || c.answer("a", nil, errors.New("twice")) || c.answer("x", nil, errors.New("unknown")) {
		t.Error(got)
	}
	c.fail(errors.New("lost"))
	c.fail(errors.New("twice"))
	if len(got) != 2 || got[0] != "a" || got[1] != "lost" {
		t.Error(got)
	}
}

func TestCallsAreSentAgainInTheirOrder(t *testing.T) {
	var c calls
	for _, id := range []string{"a", "b", "c"} {
		c.add(id, []byte(id), func(*Message, error) {})
	}
	c.add("frame", nil, func(*Message, error) {}) // a ping frame, which no limit of messages refuses
	if got := bytes.Join(c.due(), nil); string(got) != "abc" || c.due() != nil {
		t.Errorf("%s", got)
	}
	if c.again("x") || c.again("frame") || !c.again("b") {
		t.Error("the wrong one")
	}
	if got := bytes.Join(c.due(), nil); string(got) != "b" || !c.again("") {
		t.Errorf("%s", got)
	}
	if got := bytes.Join(c.due(), nil); string(got) != "abc" {
		t.Errorf("%s", got)
	}
}
