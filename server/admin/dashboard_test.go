package admin

import (
	"io/fs"
	"strings"
	"testing"

	"momentum/web"
)

// TestTheDashboardIsServedToAnybody: the page has no data; the calls that it makes follow the access rule.
func TestTheDashboardIsServedToAnybody(t *testing.T) {
	h := newSidecar(t, "token")
	stranger := call{path: "/", peer: "192.0.2.7:5", host: "chat.example"}
	status, body, headers := stranger.on(t, h)
	if status != 200 || !strings.Contains(body, "<html") || headers.Get("Cache-Control") != "no-cache" || headers.Get("ETag") == "" {
		t.Fatalf("%d %v %.80s", status, headers, body)
	}
	policy := headers.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self';", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the page's policy %q lacks %q", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the page's policy is %q", policy)
	}
}

func TestEachFileOfTheDashboardIsServed(t *testing.T) {
	h := newSidecar(t, "token")
	err := fs.WalkDir(web.Dashboard(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == "index.html" {
			return err
		}
		want := map[string]string{".js": "text/javascript", ".css": "text/css"}[name[max(0, strings.LastIndexByte(name, '.')):]]
		if strings.HasSuffix(name, "LICENSE") {
			want = "text/plain"
		}
		if status, body, headers := (call{path: "/dashboard/" + name}).on(t, h); status != 200 || body == "" || want == "" || !strings.HasPrefix(headers.Get("Content-Type"), want) {
			t.Errorf("%s: %d %q", name, status, headers.Get("Content-Type"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/dashboard/", "/dashboard", "/dashboard/index.html", "/dashboard/uplot/", "/other"} {
		if status, _, _ := (call{path: path}).on(t, h); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}
