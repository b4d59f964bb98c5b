package main

import (
	"reflect"
	"testing"
)

// outcome is an event as a test names it.
type outcome struct {
	kind      kind
	content   string
	ack       int
	recovered bool
	code      string
}

// takes has a dialect read texts, and returns its events and answers.
func takes(t *testing.T, d dialect, p *position, texts ...string) (all []outcome, answers []string) {
	t.Helper()
	for _, text := range texts {
		answer, err := d.take([]byte(text), "TOKEN", p, func(e *event) error {
			all = append(all, outcome{e.kind, string(e.content), e.ack, e.recovered, e.code})
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if answer != nil {
			answers = append(answers, string(answer))
		}
	}
	return all, answers
}

// expect compares two values.
func expect(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestAContentSaysItsChannel(t *testing.T) {
	for content, want := range map[string]int{"d1": toUser, "b1": toAll, "": toAll} {
		if got := channelOf([]byte(content)); got != want {
			t.Errorf("%q is of channel %d", content, got)
		}
	}
	if got := contentOf([]byte(`{"data":{"content":"d12"},"x":"y"}`)); string(got) != "d12" {
		t.Errorf("the content is %q", got)
	}
	if got := contentOf([]byte(`{}`)); len(got) != 0 {
		t.Errorf("the content of nothing is %q", got)
	}
}
