package admin

import (
	"strings"
	"testing"
)

func TestDemoPageHasAContentSecurityPolicy(t *testing.T) {
	status, body, headers := call{path: "/demo/", peer: "192.0.2.7:5", host: "chat.example"}.on(t, newSidecar(t, "token"))
	if status != 200 || !strings.Contains(body, "<html") {
		t.Fatalf("%d %.80s", status, body)
	}
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} {
		if policy := headers.Get("Content-Security-Policy"); !strings.Contains(policy, want) {
			t.Errorf("the page's policy %q lacks %q", policy, want)
		}
	}
}
