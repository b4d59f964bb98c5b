package client

import (
	"errors"
	"testing"
	"time"
)

func TestCloseFramesAreChecked(t *testing.T) {
	for _, tt := range []struct {
		name    string
		payload []byte
		want    CloseError // zero: a violation
		fault   int
	}{
		{"without a code", nil, CloseError{1005, ""}, 0},
		{"with a reason", closePayload(1012, "in 9 s"), CloseError{1012, "in 9 s"}, 0},
		{"one byte", []byte{3}, CloseError{}, 1002},
		{"1005", []byte{0x03, 0xed}, CloseError{}, 1002},
		{"999", closePayload(999, ""), CloseError{}, 1002},
		{"5000", closePayload(5000, ""), CloseError{}, 1002},
		{"not UTF-8", closePayload(1000, "\xff"), CloseError{}, 1007},
	} {
		err := parseClose(tt.payload)
		var closed *CloseError
		var fault violation
		if errors.As(err, &fault) != (tt.fault != 0) || fault.code != tt.fault || errors.As(err, &closed) != (tt.fault == 0) || closed != nil && *closed != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestTheTimeInAReasonIsFound(t *testing.T) {
	for reason, want := range map[string]time.Duration{
		"the node is restarting; reconnect in 9 s": 9 * time.Second,
		"restart (in 9 s)":                         9 * time.Second,
		"in 5 s, or\nrather in 9 s":                9 * time.Second,
		"in 0 s":                                   -1, // none
		"begin 9 s":                                -1,
		"in 9 seconds":                             -1,
		"in -9 s":                                  -1,
		"in 99999999999999999999999 s":             2e9 * time.Second,
	} {
		if got := (&CloseError{1013, reason}).ending(); got.named != want || got.why != "close:1013" {
			t.Errorf("%q: %v", reason, got)
		}
	}
	if got := lost(nil); got.why != "lost" || got.named >= 0 {
		t.Error(got)
	}
}
