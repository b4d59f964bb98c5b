package releasetest

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

const top = "../.." // the repository

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	info, err := os.Stat(from)
	must(t, err)
	text, err := os.ReadFile(from)
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(to), 0o755))
	must(t, os.WriteFile(to, text, info.Mode().Perm()))
}

// files lists the files below a folder.
func files(t *testing.T, root string) (all []string) {
	t.Helper()
	must(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(root, path)
			all = append(all, name)
		}
		return err
	}))
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
