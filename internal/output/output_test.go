package output

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// put makes a file with the mode, whatever the umask is.
func put(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	if err := errors.Join(os.WriteFile(path, []byte(content), 0o600), os.Chmod(path, mode)); err != nil {
		t.Fatal(err)
	}
}

func wantContent(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s has %q, want %q: %v", filepath.Base(path), got, want, err)
	}
}

// wantFiles fails unless the directory has these entries and nothing else, such as a temporary file.
func wantFiles(t *testing.T, directory string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the directory has %q, want %q", got, want)
	}
}

// write checks the path as a tool does before its run, and then writes to it.
func write(t *testing.T, path, content string) {
	t.Helper()
	if err := errors.Join(Check(path), Write(path, []byte(content), nil)); err != nil {
		t.Fatal(err)
	}
}

func TestAFileKeepsItsMode(t *testing.T) {
	directory := t.TempDir()
	path := filepath.Join(directory, "record")
	for _, mode := range []fs.FileMode{0o600, 0o640, 0o666} {
		put(t, path, "old", mode)
		write(t, path, "new")
		wantContent(t, path, "new")
		if about, err := os.Stat(path); err != nil || about.Mode() != mode {
			t.Errorf("the mode is %v, want %v: %v", about.Mode(), mode, err)
		}
	}
	wantFiles(t, directory, "record")
}

func TestAFileKeepsItsOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	path := filepath.Join(t.TempDir(), "record")
	put(t, path, "old", 0o600)
	if err := os.Chown(path, 12345, 23456); err != nil {
		t.Skip("this file system keeps no owners:", err)
	}
	write(t, path, "new")
	about, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if stat := about.Sys().(*syscall.Stat_t); stat.Uid != 12345 || stat.Gid != 23456 || about.Mode() != 0o600 {
		t.Errorf("owner %d:%d, mode %v", stat.Uid, stat.Gid, about.Mode())
	}
}

func TestANewFileHasTheModeOfTheUmask(t *testing.T) {
	directory := t.TempDir()
	path := filepath.Join(directory, "record")
	before := unix.Umask(0o027)
	err := errors.Join(Check(path), Write(path, []byte("new"), nil))
	unix.Umask(before)
	if err != nil {
		t.Fatal(err)
	}
	if about, err := os.Stat(path); err != nil || about.Mode() != 0o640 {
		t.Errorf("the mode is %v: %v", about.Mode(), err)
	}
	wantFiles(t, directory, "record")
}

// The last of the links lies in a directory that is a link itself, so that ".." in it is not the directory above its name.
func TestALinkIsFollowed(t *testing.T) {
	directory := t.TempDir()
	target := filepath.Join(directory, "a", "record")
	if err := os.MkdirAll(filepath.Join(directory, "a", "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	links := [][2]string{{"absolute", target}, {"relative", "a/record"}, {"chain", "relative"}, {"b", "a/b"}, {"b/up", "../record"}}
	for _, link := range links {
		if err := os.Symlink(link[1], directory+"/"+link[0]); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"absolute", "relative", "chain", "b/up"} {
		write(t, directory+"/"+path, "made") // the target does not exist yet
		wantContent(t, target, "made")
		write(t, directory+"/"+path, "replaced")
		wantContent(t, target, "replaced")
		if err := os.Remove(target); err != nil {
			t.Fatal(err)
		}
	}
	for _, link := range links {
		if to, err := os.Readlink(directory + "/" + link[0]); err != nil || to != link[1] {
			t.Errorf("%s leads to %q: %v", link[0], to, err)
		}
	}
	wantFiles(t, filepath.Join(directory, "a"), "b")
}

func TestLinksWithoutEndAreAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink("loop", path); err != nil {
		t.Fatal(err)
	}
	if err := Check(path); !errors.Is(err, unix.ELOOP) {
		t.Errorf("Check: %v", err)
	}
	if err := Write(path, []byte("x"), nil); !errors.Is(err, unix.ELOOP) {
		t.Errorf("Write: %v", err)
	}
}

func TestEveryNameOfAFileHasTheNewContent(t *testing.T) {
	directory := t.TempDir()
	path, other := filepath.Join(directory, "a"), filepath.Join(directory, "b")
	put(t, path, "old and long", 0o600)
	if err := os.Link(path, other); err != nil {
		t.Fatal(err)
	}
	write(t, path, "new")
	wantContent(t, path, "new")
	wantContent(t, other, "new")
	wantFiles(t, directory, "a", "b")
}

// The reader of a FIFO gets the content, and the FIFO is still one. Nothing comes through it before that.
func TestAFIFOIsWrittenThrough(t *testing.T) {
	directory := t.TempDir()
	fifo, link := filepath.Join(directory, "fifo"), filepath.Join(directory, "link")
	if err := errors.Join(unix.Mkfifo(fifo, 0o600), os.Symlink("fifo", link)); err != nil {
		t.Fatal(err)
	}
	reader, err := unix.Open(fifo, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0) // does not wait for a writer
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(reader)
	for _, path := range []string{fifo, link} {
		write(t, path, "new")
		var got [10]byte
		if n, err := unix.Read(reader, got[:]); err != nil || string(got[:n]) != "new" {
			t.Errorf("the reader got %q: %v", got[:max(n, 0)], err)
		}
		if about, err := os.Lstat(fifo); err != nil || about.Mode()&fs.ModeNamedPipe == 0 {
			t.Errorf("the FIFO is %v: %v", about.Mode(), err)
		}
	}
	wantFiles(t, directory, "fifo", "link")
}

func TestADashIsStandardOutput(t *testing.T) {
	t.Chdir(t.TempDir())
	var out bytes.Buffer
	if err := errors.Join(Check("-"), Write("-", []byte("new"), &out)); err != nil || out.String() != "new" {
		t.Errorf("%q: %v", out.String(), err)
	}
	wantFiles(t, ".")
}

// With --json /dev/stdout >file the path leads to a regular file, in which our table may be already.
func TestAnotherNameOfStandardOutputIsStandardOutput(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stdout := NewStream(file)
	if _, err := stdout.Write([]byte("table ")); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("record"), stdout); err != nil || !IsStdout(path, stdout) {
		t.Fatal(err)
	}
	wantContent(t, path, "table record")
}

// limitFileSize makes the kernel refuse files of more than so many bytes, as a full disk does.
func limitFileSize(t *testing.T, size uint64) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &before); err != nil {
			t.Error(err)
		}
		signal.Reset(syscall.SIGXFSZ)
	})
}

func TestAFullDiskLeavesTheOldContent(t *testing.T) {
	directory := t.TempDir()
	path, fresh := filepath.Join(directory, "record"), filepath.Join(directory, "new")
	put(t, path, "old", 0o600)
	limitFileSize(t, 5)
	for _, one := range []string{path, fresh} {
		if err := Write(one, []byte("longer than 5"), nil); !errors.Is(err, unix.EFBIG) {
			t.Errorf("%s: %v", one, err)
		}
	}
	wantContent(t, path, "old")
	wantFiles(t, directory, "record")
}

func TestAPathThatCannotBeWrittenIsRefusedBeforeTheRun(t *testing.T) {
	directory := t.TempDir()
	socket, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(socket)
	if err := unix.Bind(socket, &unix.SockaddrUnix{Name: filepath.Join(directory, "socket")}); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(directory, "file"), "x", 0o600)
	for path, says := range map[string]string{
		"": "is a directory", "socket": "is a socket", "nowhere/record": "nowhere", "file/record": "not a directory", "new/": "no such file",
	} {
		if err := Check(directory + "/" + path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", path, err, says)
		}
	}
}

type broken struct{ writes int }

func (b *broken) Write([]byte) (int, error) {
	b.writes++
	return 0, unix.ENOSPC
}
