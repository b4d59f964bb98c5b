package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestValuesOfProcFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cpuinfo")
	if err := os.WriteFile(file, []byte("processor\t: 0\nmodel name\t: A CPU: fast\nmodel name\t: another\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := value(file, "model name"); got != "A CPU: fast" {
		t.Errorf("got %q", got)
	}
	if got := value(file, "vendor") + line(file+"2", ""); got != "" {
		t.Errorf("got %q of a line and of a file that do not exist", got)
	}
}

func TestTheMachineIsDescribed(t *testing.T) {
	m := thisMachine()
	if m.CPU == "" || m.Cores < 1 || m.Memory == "" || !strings.HasPrefix(m.Kernel, "Linux ") || len(strings.Fields(m.LoadAvg)) != 3 {
		t.Errorf("%+v", m)
	}
}
