package admin

import (
	"cmp"
	"io/fs"
	"net"
	"net/http"
	"strings"
)

// demoPolicy allows the page to load only its own files and to connect only to WebSocket servers, and no other page to
// frame it.
const demoPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// demo serves the files of the demo page. The access rule does not cover them, because they are public in the repository.
func demo(pages fs.FS) answer {
	const root = "/demo/"
	files := http.StripPrefix(root, http.FileServerFS(pages))
	return func(w http.ResponseWriter, r *http.Request) *fault {
		name := strings.TrimPrefix(r.URL.Path, root)
		if _, err := fs.Stat(pages, cmp.Or(name, ".")); err != nil {
			return notFound(w, r) // the file server would answer in plain text
		}
		w.Header().Set("Content-Security-Policy", demoPolicy)
		files.ServeHTTP(w, r)
		return nil
	}
}

// whereToConnect returns the WebSocket port and the port that served the demo page. If the browser used another port for
// the page, a proxy is in between, and the page then connects to its own address.
func (c *sidecar) whereToConnect(w http.ResponseWriter, r *http.Request) *fault {
	var own int
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		own = local.Port
	}
	respond(w, http.StatusOK, struct {
		Port     int `json:"port"`
		PagePort int `json:"page_port"`
	}{c.Port, own})
	return nil
}
