package admin

import (
	"cmp"
	"io/fs"
	"net"
	"net/http"
	"strings"
)

// demoPolicy lets the page load and connect to nothing but its own files and WebSocket servers, and stand in
// nobody's frame.
const demoPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// demo serves the page's files. It needs no rule: anybody may read them in the repository.
func demo(pages fs.FS) answer {
	const root = "/demo/"
	files := http.StripPrefix(root, http.FileServerFS(pages))
	return func(w http.ResponseWriter, r *http.Request) *fault {
		name := strings.TrimPrefix(r.URL.Path, root)
		if _, err := fs.Stat(pages, cmp.Or(name, ".")); err != nil {
			return notFound(w, r) // the file server would say so in plain text
		}
		w.Header().Set("Content-Security-Policy", demoPolicy)
		files.ServeHTTP(w, r)
		return nil
	}
}

// whereToConnect tells the demo page where WebSocket is served, and which port of this server it came from
// itself: if the browser sees another, something stands between, and the page's own address is the better guess.
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
