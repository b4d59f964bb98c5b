package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestVersionsAreThoseOfTheLockFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "socketio"), 0o755); err != nil {
		t.Fatal(err)
	}
	lock := `{"packages":{"node_modules/socket.io":{"version":"4.8.4"},"node_modules/redis":{"version":"6.3.1"}}}`
	if err := os.WriteFile(filepath.Join(dir, "socketio", "package-lock.json"), []byte(lock), 0o600); err != nil {
		t.Fatal(err)
	}
	got := versions(&size{rivals: dir})
	if got["npm socket.io"] != "4.8.4" || got["npm redis"] != "6.3.1" || got["centrifuge"] != "" {
		t.Errorf("%v", got)
	}
}
