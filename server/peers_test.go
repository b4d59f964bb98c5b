package server

import (
	"context"
	"testing"
)

func TestAQuestionOfAnotherVersionIsNotAnswered(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	for _, text := range []string{"{", `{"kind":"dance","ask":1}`, `{"ask":99}`} {
		c.engine.Buses()[1].SendNote("", []byte(text))
	}
	c.settle()
	answers, missing := c.nodes[0].server.peers.ask(context.Background(), nil, "x", nil)
	if answers != nil || missing != nil {
		t.Error("nobody was asked")
	}
}
