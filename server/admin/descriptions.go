package admin

import (
	"net/http"
	"strings"

	"momentum/docs"
)

// description serves openapi.yaml and asyncapi.yaml. Like the demo page they are public in the repository, and they reveal
// nothing about this node, so the access rule does not cover them.
func description(w http.ResponseWriter, r *http.Request) *fault {
	text, err := docs.Descriptions.ReadFile(strings.TrimPrefix(r.URL.Path, "/docs/"))
	if err != nil {
		return notFound(w, r)
	}
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(text) // an error here means that the client has gone
	return nil
}
