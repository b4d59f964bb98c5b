package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestVersionWorksWithWrongSettings(t *testing.T) {
	for args, want := range map[string]string{"version": "momentum ", "--version": "momentum ", "version --json": `"version": "`} {
		alone(t, map[string]string{"PORT": "http"})
		var stdout, stderr bytes.Buffer
		ended := -1
		code := run(strings.Fields(args), &stdout, &stderr, func(code int) { ended = code })
		if code != 0 && ended != 0 || !strings.Contains(stdout.String(), want) {
			t.Errorf("%s: exit code %d: %s%s", args, code, &stdout, &stderr)
		}
	}
}
