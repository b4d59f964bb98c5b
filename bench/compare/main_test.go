package main

import (
	"testing"
)

func TestEveryServerCanBeChosen(t *testing.T) {
	for _, s := range allServers {
		for _, given := range []string{s.name + ";", s.name + ";" + ours} {
			if got := list(given); got[0] != s.name {
				t.Errorf("%q is %q", given, got)
			}
		}
	}
	if got := list("gws,bun"); len(got) != 2 || got[1] != "bun" {
		t.Errorf("%q", got)
	}
}
