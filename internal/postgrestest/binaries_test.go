package postgrestest

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheFolderHasAllPrograms(t *testing.T) {
	folder, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"initdb", "postgres"} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s in %s is no program: %v", name, folder, err)
		}
	}
}

func TestPostgreSQLDoesNotRunAsRoot(t *testing.T) {
	as, err := servant()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 && (as == nil || as.Uid == 0) {
		t.Errorf("it would run as %+v", as)
	}
}
