package main

import (
	"strings"
	"testing"
)

func TestCommandsForANodeShowFewSettingsAndTakeAll(t *testing.T) {
	help, _, _ := said(t, nil, "drain", "--help")
	if !strings.Contains(help, "--admin-addr") || !strings.Contains(help, "--wait") || strings.Contains(help, "--jwt-secret") {
		t.Errorf("the help is\n%s", help)
	}
	_, complaints, code := said(t, nil, "drain", "--max-connections=7", "--admin-addr=127.0.0.1:1")
	if code != exitFailed || !strings.Contains(complaints, "no node answers on http://127.0.0.1:1") {
		t.Errorf("code %d: %s", code, complaints)
	}
}
