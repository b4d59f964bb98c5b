package view

import "testing"

func TestAnEventHasTheFormOfAnEventStream(t *testing.T) {
	if got := string(Event("view", []byte(`{"a":1}`))); got != "event: view\ndata: {\"a\":1}\n\n" {
		t.Errorf("%q", got)
	}
}
