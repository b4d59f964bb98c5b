package nodes

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheHostIsDescribed(t *testing.T) {
	if h := ThisHost(); h.Cores < 1 || h.Kernel == "" || h.Memory == "" || h.Load == "" {
		t.Errorf("%+v", h)
	}
	m, err := ReadMemory()
	if err != nil || m.Available < 1<<20 || m.Used < 1<<20 || m.Slab < 1<<20 {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := kilobytes("Nothing"); err == nil {
		t.Error("there is memory of nothing")
	}
}

func TestAValueFollowsItsKey(t *testing.T) {
	name := filepath.Join(t.TempDir(), "about")
	if err := os.WriteFile(name, []byte("a: 1\nbc:  2 kB\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"a": "1", "bc": "2 kB", "d": ""} {
		if got := value(name, key); got != want {
			t.Errorf("%s is %q", key, got)
		}
	}
	if got := value(name+"2", "a"); got != "" {
		t.Errorf("a file that is not there has %q", got)
	}
}

func TestTheLimitOfFilesIsRaised(t *testing.T) {
	first, err := RaiseFiles()
	if err != nil || first < 64 {
		t.Fatalf("%d, %v", first, err)
	}
	if again, err := RaiseFiles(); err != nil || again != first {
		t.Errorf("%d, %v", again, err)
	}
}
