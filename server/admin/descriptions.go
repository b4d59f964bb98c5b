package admin

import (
	"net/http"
	"strings"

	"momentum/docs"
)

// description serves what docs has of both interfaces to programs. Like the demo page it needs no rule: anybody may read it
// in the repository, and it says nothing of this node.
func description(w http.ResponseWriter, r *http.Request) *fault {
	text, err := docs.Descriptions.ReadFile(strings.TrimPrefix(r.URL.Path, "/docs/"))
	if err != nil {
		return notFound(w, r)
	}
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(text) // an error here means that the client has gone
	return nil
}
