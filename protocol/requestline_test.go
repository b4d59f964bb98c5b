package protocol

import (
	"net/http"
	"testing"
)

// RFC 9112 §3.2: the origin form and the absolute form.
func TestRFC9112Section32TargetsAreSplit(t *testing.T) {
	for target, want := range map[string][2]string{
		"/": {"/", ""}, "/a?": {"/a", ""}, "/a?b?c": {"/a", "b?c"}, "http://h": {"/", ""}, "http://h?q": {"/", "q"}, "https://h/p": {"/p", ""},
	} {
		var h Handshake
		if r := h.Parse(head("GET " + target + " HTTP/1.1")); r != nil || string(h.Path) != want[0] || string(h.Query) != want[1] {
			t.Errorf("%q: %v, path %q, query %q", target, r, h.Path, h.Query)
		}
	}
	for _, target := range []string{"*", "h:80", "ftp://h/", "http:///p", "a/b"} {
		refused(t, head("GET "+target+" HTTP/1.1"), http.StatusBadRequest, "bad_request")
	}
}

// RFC 9110 §2.5: a higher minor version is read as HTTP/1.1, another major version is refused.
func TestRFC9110Section25Versions(t *testing.T) {
	var h Handshake
	for version, old := range map[string]bool{"HTTP/1.0": true, "HTTP/1.1": false, "HTTP/1.9": false} {
		if r := h.parseVersion([]byte(version)); r != nil || h.http10 != old {
			t.Errorf("%s: refusal %+v, HTTP/1.0 %v", version, r, h.http10)
		}
	}
	for version, status := range map[string]int{"HTTP/2.0": http.StatusHTTPVersionNotSupported, "HTTP/1,1": http.StatusBadRequest, "HTTP/1": http.StatusBadRequest} {
		if r := h.parseVersion([]byte(version)); r == nil || r.Status != status {
			t.Errorf("%s: %+v, want status %d", version, r, status)
		}
	}
}
