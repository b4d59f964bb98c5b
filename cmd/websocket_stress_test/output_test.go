package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// storming returns the command line of a small storm.
func (n *node) storming(more ...string) []string {
	return append([]string{"--url", n.url, "--jwt-secret", testSecret, "--connections", "5"}, more...)
}

func TestOutputsGoThroughAFIFOAndALink(t *testing.T) {
	n, directory := serve(t), t.TempDir()
	fifo, link, page := filepath.Join(directory, "fifo"), filepath.Join(directory, "link"), filepath.Join(directory, "page")
	if err := errors.Join(unix.Mkfifo(fifo, 0o600), os.Symlink("page", link), os.WriteFile(page, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	reader, openErr := unix.Open(fifo, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0) // does not wait for a writer
	if openErr != nil {
		t.Fatal(openErr)
	}
	defer unix.Close(reader)
	var out, err bytes.Buffer
	if code := run(t.Context(), n.storming("--json", fifo, "--report", link), &out, &err); code != exitOK {
		t.Fatalf("exit code %d, %s", code, err.String())
	}
	text := make([]byte, 1<<16) // as much as a FIFO holds
	size, readErr := unix.Read(reader, text)
	if readErr != nil {
		t.Fatal("nothing came through the FIFO:", readErr)
	}
	if r := decode(t, text[:size]); len(r.Groups) != 1 {
		t.Errorf("%+v came through the FIFO", r)
	}
	if text, err := os.ReadFile(page); err != nil || !bytes.Contains(text, []byte("<svg")) {
		t.Errorf("the page is %.200s: %v", text, err)
	}
	for path, want := range map[string]fs.FileMode{fifo: fs.ModeNamedPipe | 0o600, link: fs.ModeSymlink | 0o777, page: 0o600} {
		if about, err := os.Lstat(path); err != nil || about.Mode() != want {
			t.Errorf("%s is %v, want %v: %v", filepath.Base(path), about.Mode(), want, err)
		}
	}
}

func TestWithJSONOnStandardOutputTheTableIsOnStandardError(t *testing.T) {
	t.Chdir(t.TempDir())
	var out, err bytes.Buffer
	if code := run(t.Context(), serve(t).storming("--json", "-"), &out, &err); code != exitOK {
		t.Fatalf("exit code %d, %s", code, err.String())
	}
	decode(t, out.Bytes())
	if !strings.Contains(err.String(), "handshake_p50") {
		t.Errorf("the table is not on standard error: %s", err.String())
	}
	if _, err := os.Lstat("-"); err == nil {
		t.Error("there is a file called -")
	}
}

// full is an output on a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, unix.ENOSPC }

func TestAFailedWriteToStandardOutputIsAFailure(t *testing.T) {
	n, saved := serve(t), filepath.Join(t.TempDir(), "record.json")
	for name, c := range map[string]struct {
		args []string
		file string
	}{
		"the table": {n.storming("--json", saved), saved}, "JSON": {n.storming("--json", "-"), ""}, "the help": {[]string{"--help"}, ""},
	} {
		var err bytes.Buffer
		code := run(t.Context(), c.args, full{}, &err)
		if code != exitFailed || strings.Count(err.String(), "no space left on device") != 1 {
			t.Errorf("%s: exit code %d, %s", name, code, err.String())
		}
		if c.file != "" {
			text, _ := os.ReadFile(c.file)
			decode(t, text)
		}
	}
}
