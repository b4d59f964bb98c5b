package server

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
)

func TestAPageSaysWhetherTheListGoesOn(t *testing.T) {
	if p := pageOf(9, []int{1, 2, 3}, 2); !p.More || !slices.Equal(p.Rows, []int{1, 2}) || p.Total != 9 {
		t.Errorf("%+v", p)
	}
	if p := pageOf(9, []int{1, 2}, 2); p.More || len(p.Rows) != 2 {
		t.Errorf("%+v", p)
	}
}

func TestAQuestionThatCannotBeReadIsRefused(t *testing.T) {
	w := newWorld(t, 1, nil)
	for kind, text := range map[string]string{"online": `{"after":"x"}`, "topics": `[]`, "disconnect": `{"user":7}`} {
		if _, err := w.server.peers.answers[kind](context.Background(), json.RawMessage(text)); err == nil {
			t.Errorf("%s %s is answered", kind, text)
		}
	}
}
