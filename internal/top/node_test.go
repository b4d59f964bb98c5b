package top

import (
	"context"
	"strings"
	"testing"

	"momentum/internal/adminapi"
	"momentum/server/view"
)

// fake is a node with a stream, and with an error for each call.
type fake struct {
	events []string
	err    error
}

func (f fake) Call(context.Context, string, string, any) error { return f.err }

func (f fake) Stream(_ context.Context, _ string, take func(string, []byte) bool) error {
	for _, e := range f.events {
		if name, data, _ := strings.Cut(e, " "); !take(name, []byte(data)) {
			return nil
		}
	}
	return context.Canceled
}

// refusing is a node that refuses the stream.
type refusing struct {
	fake
	denied error
}

func (r refusing) Stream(context.Context, string, func(string, []byte) bool) error { return r.denied }

func TestViewsAreTheEventsOfThatName(t *testing.T) {
	n := 0
	err := Views(t.Context(), fake{events: []string{"caller {}", `view {"users":1}`, `view {"users":2}`, "view x"}}, func(v *view.View, _ []byte) bool {
		n = n*10 + v.Users
		return true
	})
	if n != 12 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestANodeWithoutAListIsKnown(t *testing.T) {
	if _, known, err := Heaviest(t.Context(), fake{err: &adminapi.Refusal{Status: 404}}, "queue", 10); known || err != nil {
		t.Errorf("%v, %v", known, err)
	}
	if _, known, err := Heaviest(t.Context(), fake{err: &adminapi.Refusal{Status: 503}}, "queue", 10); !known || err == nil {
		t.Errorf("%v, %v", known, err)
	}
}
