package admin

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"time"
)

// embeddedFile is a file of the binary, as it is and compressed. It is compressed for the first request that takes it so: most nodes are
// started and never asked for a page.
type embeddedFile struct {
	kind        string // content type
	text        []byte
	gzip        func() []byte
	tag, tagZip string // ETags; each form needs its own (RFC 9110 §8.8.3)
}

func newEmbeddedFile(files fs.FS, name, kind string) *embeddedFile {
	text, _ := fs.ReadFile(files, name) // it is embedded
	sum := sha256.Sum256(text)
	tag := hex.EncodeToString(sum[:8])
	zipped := sync.OnceValue(func() []byte { return compressed(text) })
	return &embeddedFile{kind: kind, text: text, gzip: zipped, tag: `"` + tag + `"`, tagZip: `"` + tag + `-gzip"`}
}

func compressed(text []byte) []byte {
	var zipped bytes.Buffer
	w, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression) // the level is valid
	_, _ = w.Write(text)                                       // a buffer takes everything
	_ = w.Close()
	return zipped.Bytes()
}

// ServeHTTP answers GET and HEAD.
func (f *embeddedFile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.kind)
	header.Set("Vary", "Accept-Encoding")
	text, tag := f.text, f.tag
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		text, tag = f.gzip(), f.tagZip
	}
	header.Set("ETag", tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}
