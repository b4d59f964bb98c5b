package main

import (
	"strings"
	"testing"

	"momentum/internal/commandline"
)

func TestCompletionNamesEveryCommandAndFlagOfTheHelp(t *testing.T) {
	for _, shell := range commandline.Shells {
		script, complaints, code := said(t, nil, "completion", shell)
		if code != 0 {
			t.Fatal(complaints)
		}
		for _, want := range []string{"undrain", "deactivate", "wait", "max-connections-per-ip", "dry-run", "no-compression"} {
			if !strings.Contains(script, want) {
				t.Errorf("the script for %s does not have %s", shell, want)
			}
		}
	}
	if _, complaints, code := said(t, nil, "completion", "ksh"); code != exitSettings || !strings.Contains(complaints, `"bash","zsh","fish"`) {
		t.Errorf("code %d: %s", code, complaints)
	}
}
