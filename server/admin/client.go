package admin

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

// clientCache lets a page that is loaded again use its copy. After ten minutes the browser asks whether the file has changed, so
// the client of a new server is in use soon.
const clientCache = "public, max-age=600"

// clientFile is a file of the client for pages, as it is and compressed.
type clientFile struct {
	kind        string // content type
	text, gzip  []byte
	tag, tagZip string // ETags; each form needs its own (RFC 9110 §8.8.3)
}

// clientFiles returns the client for pages, by path. Pages of any site may load it: it is public in the repository.
func clientFiles(files fs.FS) map[string]http.Handler {
	return map[string]http.Handler{
		"/client/momentum.js":   newClientFile(files, "momentum.js", "text/javascript; charset=utf-8"),
		"/client/momentum.d.ts": newClientFile(files, "momentum.d.ts", "application/typescript; charset=utf-8"),
	}
}

func newClientFile(files fs.FS, name, kind string) *clientFile {
	text, _ := fs.ReadFile(files, name) // it is embedded
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is valid
	_, _ = w.Write(text)                                       // a buffer takes everything
	_ = w.Close()
	sum := sha256.Sum256(text)
	tag := hex.EncodeToString(sum[:8])
	return &clientFile{kind: kind, text: text, gzip: packed.Bytes(), tag: `"` + tag + `"`, tagZip: `"` + tag + `-gzip"`}
}

// ServeHTTP answers GET and HEAD.
func (f *clientFile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.kind)
	header.Set("Cache-Control", clientCache)
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Vary", "Accept-Encoding")
	text, tag := f.text, f.tag
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		text, tag = f.gzip, f.tagZip
	}
	header.Set("ETag", tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}
