package main

import (
	"testing"

	momentum "momentum/client"
)

func TestTabCompletesCommandsAndUsers(t *testing.T) {
	known := new(people)
	known.add(momentum.User{ID: "1", Name: "alice"}, momentum.User{ID: "2", Name: "albert"}, momentum.User{ID: "3", Name: "Al Fine"})
	for typed, want := range map[string]string{
		"te":         "xt |",
		"/te":        "xt |",
		"p":          "ing |ub |",
		"msg al":     "bert |ice |",
		"/msg alb":   "ert |",
		"text al":    "",
		"msg al hi ": "",
		"xyz":        "",
	} {
		got := ""
		ends, _ := completer{known}.Do([]rune(typed+" rest"), len(typed))
		for _, end := range ends {
			got += string(end) + "|"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	if ends, _ := (completer{known}).Do(nil, 0); len(ends) != len(commands) {
		t.Error("an empty line has", len(ends))
	}
}
