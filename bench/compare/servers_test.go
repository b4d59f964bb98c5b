package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestOurServersAndTheFloorAreNoRivals(t *testing.T) {
	rivals := 0
	for _, s := range allServers {
		if isRival(s.name) {
			rivals++
		}
	}
	if isRival(ours) || isRival(unpatched) || isRival(product) || isRival(floor) || isRival(product+before) || rivals != len(allServers)-6 {
		t.Errorf("%d rivals", rivals)
	}
}

func TestAServerIsBuiltIfItsFilesExist(t *testing.T) {
	t.Chdir(t.TempDir())
	s := server{name: "some", command: []string{"node", "some/server.js"}}
	if s.built() {
		t.Error("built without a file")
	}
	if err := os.MkdirAll(filepath.Join(binDirectory, "some"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(binDirectory, "some/server.js"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !s.built() {
		t.Error("not built although its file exists")
	}
	if v := s.version(); v != "unknown" {
		t.Errorf("version %q", v)
	}
}

// TestTheVersionOfAGoServerIsReadFromItsBinary: here from that of this test, which names no library.
func TestTheVersionOfAGoServerIsReadFromItsBinary(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	directory, err := filepath.Abs(binDirectory)
	if err != nil {
		t.Fatal(err)
	}
	path, err := filepath.Rel(directory, self)
	if err != nil {
		t.Fatal(err)
	}
	if v := (server{name: "some", command: []string{path}, library: "no/library"}).version(); v != runtime.Version() {
		t.Errorf("version %q, want %q", v, runtime.Version())
	}
}
