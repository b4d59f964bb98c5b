package admin

import (
	"strings"
	"testing"
)

// TestDescriptionsArePublic holds that a client without the token reads the two descriptions, their page, and no other file.
func TestDescriptionsArePublic(t *testing.T) {
	h := newSidecar(t, "token")
	for path, want := range map[string]int{
		"/docs/openapi.yaml": 200, "/docs/asyncapi.yaml": 200, "/docs/embed.go": 404, "/docs/page.html": 404, "/docs/..%2fREADME.md": 404,
	} {
		status, body, headers := (call{path: path, peer: "192.0.2.7:5", host: "chat.example"}).on(t, h)
		if status != want || (headers.Get("Content-Type") == "application/yaml") != (want == 200) || want == 200 && !strings.Contains(body, "api: ") {
			t.Errorf("%s: %d %s %.60q", path, status, headers.Get("Content-Type"), body)
		}
	}
	for path, kind := range map[string]string{"/docs/": "text/html; charset=utf-8", "/docs/page.css": "text/css; charset=utf-8"} {
		status, _, headers := (call{path: path, peer: "192.0.2.7:5", host: "chat.example"}).on(t, h)
		if status != 200 || headers.Get("Content-Type") != kind || headers.Get("Content-Security-Policy") != docsPolicy {
			t.Errorf("%s: %d %v", path, status, headers)
		}
	}
}
