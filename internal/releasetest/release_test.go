package releasetest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// releaseOf says which release the tests build: not that of a commit, so that edited files are tested, too.
var releaseOf = []string{"VERSION=1.2.3", "COMMIT=0123456789abcdef0123456789abcdef01234567", "SOURCE_DATE_EPOCH=1700000000"}

// built is the release for this host's architecture, built from this repository. All tests use the same.
var built = sync.OnceValues(func() (string, error) {
	if err := quietly(top, nil, "make", "--no-print-directory", "release-tools"); err != nil {
		return "", err
	}
	into, err := os.MkdirTemp("", "momentum-release-")
	if err != nil {
		return "", err
	}
	return into, buildRelease(top, into)
})

func TestMain(m *testing.M) {
	code := m.Run()
	for _, made := range temporary {
		_ = os.RemoveAll(made)
	}
	os.Exit(code)
}

// temporary are folders that outlive one test.
var temporary []string

// buildRelease builds the release of a source tree into a folder.
func buildRelease(tree, into string) error {
	temporary = append(temporary, into)
	nfpm, err := filepath.Glob(top + "/bin/tools/nfpm-*")
	if err != nil || len(nfpm) == 0 {
		return os.ErrNotExist
	}
	tool, err := filepath.Abs(nfpm[len(nfpm)-1])
	if err != nil {
		return err
	}
	arch, err := exec.Command("go", "env", "GOHOSTARCH").Output()
	if err != nil {
		return err
	}
	return quietly(tree, append(releaseOf, "NFPM="+tool), "scripts/release.sh", into, strings.TrimSpace(string(arch)))
}

// failure is a command that failed, with its output.
type failure struct {
	command string
	err     error
	said    []byte
}

func (f failure) Error() string { return f.command + ": " + f.err.Error() + "\n" + string(f.said) }

// quietly runs a command in a folder.
func quietly(folder string, env []string, command ...string) error {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), env...)
	if said, err := cmd.CombinedOutput(); err != nil {
		return failure{strings.Join(command, " "), err, said}
	}
	return nil
}

// release returns the folder of the release.
func release(t *testing.T) string {
	t.Helper()
	folder, err := built()
	must(t, err)
	return folder
}

// TestReleaseIsReproducible builds the release again, from a copy of the sources without .git in another folder.
func TestReleaseIsReproducible(t *testing.T) {
	first := release(t)
	elsewhere := t.TempDir()
	listed, err := exec.Command("git", "-C", top, "ls-files", "--cached", "--others", "--exclude-standard", "-z").Output()
	must(t, err)
	for name := range strings.SplitSeq(strings.TrimSuffix(string(listed), "\x00"), "\x00") {
		if _, err := os.Stat(filepath.Join(top, name)); err == nil {
			copyFile(t, filepath.Join(top, name), filepath.Join(elsewhere, name))
		}
	}
	must(t, quietly(elsewhere, []string{"GOFLAGS="}, "make", "--no-print-directory", "bin/gnet.mod"))
	second := filepath.Join(t.TempDir(), "release")
	must(t, buildRelease(elsewhere, second))
	names := files(t, first)
	if again := files(t, second); len(names) != 5 || !slices.Equal(names, again) {
		t.Fatalf("the release is %v, and again %v", names, again)
	}
	for _, name := range names {
		one, err := os.ReadFile(filepath.Join(first, name))
		must(t, err)
		two, err := os.ReadFile(filepath.Join(second, name))
		must(t, err)
		if !bytes.Equal(one, two) {
			t.Errorf("two builds of %s differ", name)
		}
	}
	must(t, quietly(first, nil, "sha256sum", "--check", "--strict", "SHA256SUMS"))
}

// TestReleasedProgramNamesItsCommit unpacks the archive and asks the program for its version.
func TestReleasedProgramNamesItsCommit(t *testing.T) {
	archive, err := filepath.Glob(release(t) + "/*.tar.gz")
	must(t, err)
	into := t.TempDir()
	must(t, quietly(into, nil, "tar", "-xzf", archive[0], "--strip-components=1"))
	said, err := exec.Command(filepath.Join(into, "momentum"), "version").Output()
	must(t, err)
	for _, want := range []string{"v1.2.3, commit 0123456789abcdef0123456789abcdef01234567,", "gnet/v2", "patched"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("momentum version says %q without %q", said, want)
		}
	}
	for _, name := range []string{"websocket_client", "websocket_stress_test", "LICENSE", "docs/OPERATIONS.md", "deploy/systemd/momentum.service"} {
		if _, err := os.Stat(filepath.Join(into, name)); err != nil {
			t.Error(err)
		}
	}
}
