package admin

import (
	"encoding/json"
	"net/http"
)

// answer handles a request, or writes nothing and returns the refusal. It may then have left a body unread.
type answer func(w http.ResponseWriter, r *http.Request) *fault

// ServeHTTP implements http.Handler.
func (a answer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if fault := a(w, r); fault != nil {
		if announcesBody(r) {
			closeAfterAnswer(w)
		}
		fault.write(w)
	}
}

// fault is a refusal. It has one form for all clients.
type fault struct {
	status        int
	code, message string
}

var unanswered = &fault{503, "overloaded", "the reactors did not answer in time; look at /ws/stats"}

func (f *fault) write(w http.ResponseWriter) {
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="momentum admin"`)
	}
	respond(w, f.status, struct {
		Error   string `json:"error"`
		Message string `json:"message"`
	}{f.code, f.message})
}

// respond writes a JSON answer. It ignores errors: they mean that the client has gone.
func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// announcesBody reports whether a body follows the request's head, whether or not it comes.
func announcesBody(r *http.Request) bool { return r.ContentLength != 0 }

func closeAfterAnswer(w http.ResponseWriter) { w.Header().Set("Connection", "close") }
