package admin

import (
	"io/fs"
	"net/http"
)

// clientCache lets a page that is loaded again use its copy. After ten minutes the browser asks whether the file has changed, so
// the client of a new server is in use soon.
const clientCache = "public, max-age=600"

// clientFiles returns the client for pages, by path. Pages of any site may load it: it is public in the repository.
func clientFiles(files fs.FS) map[string]http.Handler {
	return map[string]http.Handler{
		"/client/momentum.js":   shared(newEmbeddedFile(files, "momentum.js", "text/javascript; charset=utf-8")),
		"/client/momentum.d.ts": shared(newEmbeddedFile(files, "momentum.d.ts", "application/typescript; charset=utf-8")),
	}
}

// shared serves a file to pages of any site.
func shared(f *embeddedFile) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", clientCache)
		w.Header().Set("Access-Control-Allow-Origin", "*")
		f.ServeHTTP(w, r)
	})
}
