package admin

import (
	"cmp"
	"io/fs"
	"net"
	"net/http"
	"strings"
)

// demoPolicy allows the page to load only its own files and to connect only to servers, of WebSocket and of the answer to a
// failed handshake, and no other page to frame it.
const demoPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self' ws: wss: http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

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

// whereToConnect returns the WebSocket port, the port that served the demo page, and whether the page may ask for a guest's
// token. If the browser used another port for the page, a proxy is in between, and the page then connects to its own address.
func (c *sidecar) whereToConnect(w http.ResponseWriter, r *http.Request) *fault {
	var own int
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		own = local.Port
	}
	respond(w, http.StatusOK, struct {
		Port     int  `json:"port"`
		PagePort int  `json:"page_port"`
		Guests   bool `json:"guests"`
	}{c.Port, own, c.takesGuests(r)})
	return nil
}

// guestAnswer is the answer to POST /demo/guest.
type guestAnswer struct {
	Token string `json:"token"`
}

// guest signs a token for a user that does not exist yet, with the name that the visitor of the demo page has chosen. Only
// development mode has this call: there anybody who sees the printed secret can be anybody anyway. The access rule covers it, so
// pages of other sites and other hosts get nothing.
func (c *sidecar) guest(w http.ResponseWriter, r *http.Request) *fault {
	call, refused := readFields(w, r, "username")
	if refused != nil {
		return refused
	}
	name, refused := call.text("username")
	if refused != nil {
		return refused
	}
	token, err := c.Guest(name)
	if err != nil {
		return &fault{400, "bad_username", "no token can be signed for this name: " + err.Error()}
	}
	respond(w, http.StatusOK, guestAnswer{token})
	return nil
}

// takesGuests reports whether the page that sent a request may ask for a guest's token.
func (c *sidecar) takesGuests(r *http.Request) bool {
	if c.Guest == nil {
		return false
	}
	_, refused := c.allowed(r)
	return refused == nil
}
