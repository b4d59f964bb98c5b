package admin

import (
	"net/http"
	"strings"

	"momentum/docs"
)

// docsPolicy allows the page to load its style sheet, and nothing else.
const docsPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// description serves openapi.yaml and asyncapi.yaml, and a page that shows both. Like the demo page they are public in the repository,
// and they reveal nothing about this node, so the access rule does not cover them: a browser that opens the page sends no token.
func description(w http.ResponseWriter, r *http.Request) *fault {
	name := strings.TrimPrefix(r.URL.Path, "/docs/")
	var text []byte
	var err error
	kind := "application/yaml"
	switch name {
	case "":
		kind = "text/html; charset=utf-8"
		text, err = docs.Page()
	case "page.css":
		kind, text = "text/css; charset=utf-8", docs.Style
	default:
		text, err = docs.Descriptions.ReadFile(name)
	}
	if err != nil {
		return notFound(w, r)
	}
	w.Header().Set("Content-Security-Policy", docsPolicy)
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(text) // an error here means that the client has gone
	return nil
}
