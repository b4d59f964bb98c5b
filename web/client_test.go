package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"io/fs"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A page downloads the client before it can do anything.
func TestTheClientFitsInFiveKilobytes(t *testing.T) {
	const most = 5 << 10
	text, err := fs.ReadFile(Client(), "momentum.js")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	_, _ = w.Write(text)
	_ = w.Close()
	if packed.Len() > most {
		t.Errorf("momentum.js has %d bytes compressed, more than %d", packed.Len(), most)
	}
}

// TestTheClientBehavesAsTheTableSays runs the tests of the client, which are in JavaScript, in Node.
func TestTheClientBehavesAsTheTableSays(t *testing.T) { inNode(t, "clienttest/*.test.mjs") }

// inNode runs tests that are in JavaScript.
func inNode(t *testing.T, pattern string) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Fatal("no node: `make test` installs it (Debian's nodejs)")
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	node := exec.CommandContext(ctx, "node", append([]string{"--test"}, files...)...)
	node.WaitDelay = time.Second
	if out, err := node.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
