package e2e

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// installNode installs a folder's packages with the versions of its lock file, in a copy, and returns the copy's path.
func installNode(t *testing.T, folder string) string {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("no %s: `make test` installs it (Debian's nodejs and npm)", program)
		}
	}
	directory := t.TempDir()
	if err := os.CopyFS(directory, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = directory
	install.WaitDelay = time.Second // its children may hold the output open
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci, which needs a package registry: %v\n%s", err, out)
	}
	return directory
}

// TestPackagesAreLockedToThePublicRegistry checks that the lock files name only the public registry: npm records the host of each
// package, which may be one that only its author can reach.
func TestPackagesAreLockedToThePublicRegistry(t *testing.T) {
	for folder, main := range map[string]string{"nodews": "ws", "axe": "axe-core", "types": "typescript", "uplot": "uplot"} {
		text, err := os.ReadFile(folder + "/package-lock.json")
		if err != nil {
			t.Fatal(err)
		}
		var lock struct {
			Packages map[string]struct{ Version, Resolved, Integrity string }
		}
		if err := json.Unmarshal(text, &lock); err != nil {
			t.Fatal(err)
		}
		if lock.Packages["node_modules/"+main].Version == "" {
			t.Errorf("the lock file has no %s", main)
		}
		for name, p := range lock.Packages {
			if p.Resolved != "" && !strings.HasPrefix(p.Resolved, "https://registry.npmjs.org/") {
				t.Errorf("%s is locked to %s: delete that entry's resolved", name, p.Resolved)
			}
			if name != "" && p.Integrity == "" {
				t.Errorf("%s has no integrity: anything could be installed in its place", name)
			}
		}
	}
}
