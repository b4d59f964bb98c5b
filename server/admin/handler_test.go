package admin

import (
	"strings"
	"testing"
)

func TestWrongMethodNamesTheRightOne(t *testing.T) {
	h := newSidecar(t, "")
	for path, allowed := range map[string]string{
		"/ws/online": "GET, HEAD", "/ws/stats": "GET, HEAD", "/livez": "GET, HEAD", "/readyz": "GET, HEAD", "/demo/": "GET, HEAD", "/docs/openapi.yaml": "GET, HEAD",
		"/ws": "GET, HEAD", "/ws/broadcast": "POST", "/ws/send": "POST", "/ws/cleanup": "POST",
		"/ws/disconnect": "POST", "/ws/revoke": "POST",
		"/ws/drain": "POST, DELETE", "/debug/pprof/": "GET, HEAD",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE"} {
			status, body, headers := (call{method: method, path: path}).on(t, h)
			if right := strings.Contains(allowed, method); right == (status == 405) {
				t.Errorf("%s %s: %d", method, path, status)
			}
			if status == 405 && (headers.Get("Allow") != allowed || !strings.Contains(body, `"error":"method_not_allowed"`)) {
				t.Errorf("%s %s: Allow %q, %s", method, path, headers.Get("Allow"), body)
			}
		}
	}
}
