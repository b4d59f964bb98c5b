package client

import "testing"

func TestErrorsSayTheirCode(t *testing.T) {
	if got := (&Error{Code: "closed"}).Error(); got != "closed" {
		t.Error(got)
	}
	if got := (&Error{Code: "not_allowed", Message: "no"}).Error(); got != "not_allowed: no" {
		t.Error(got)
	}
}

func TestAllEventsAreEvents(t *testing.T) {
	for _, e := range []Event{Message{}, State{}, Resumed{}, Gap{}, Presence{}, Raw{}, &Error{}} {
		e.event()
	}
}
