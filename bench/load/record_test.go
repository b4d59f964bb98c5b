package load

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestARecordIsReadAsItWasSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "baseline.json")
	saved := runs("m", Lower, Milliseconds, 1, 2, 4)
	saved.Plan.Secret, saved.Target = "hush", redacted("ws://me:hush@h/ws?token=hush#hush")
	if err := saved.Save(path, nil); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	if strings.Contains(string(text), "hush") {
		t.Error("a secret is in the file")
	}
	read, err := ReadRecord(path)
	if err != nil {
		t.Fatal(err)
	}
	if m, ok := read.Groups[0].median("m"); !ok || m.Value != 2 || m.Unit != Milliseconds || m.Better != Lower {
		t.Errorf("%+v", m)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("left over: %v", left)
	}
}

func TestInvalidBaselinesAreRefused(t *testing.T) {
	cut := runs("m", Lower, "", 1)
	cut.Groups[0].Runs[0].Interrupted = true
	short := runs("m", Lower, "", 1)
	short.Incomplete = "the server went away"
	old := runs("m", Lower, "", 1)
	old.Version = 0
	directory := t.TempDir()
	for name, r := range map[string]*Record{"interrupted": cut, "incomplete": short, "old": old} {
		path := filepath.Join(directory, name)
		if err := r.Save(path, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecord(path); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for name, text := range map[string]string{"not JSON": "hello", "no run": `{"version":2,"tests":[{"test":"storm","runs":[]}]}`} {
		path := filepath.Join(directory, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecord(path); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
