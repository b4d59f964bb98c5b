package admin

import (
	"strings"
	"testing"
)

// TestEveryCallRefusesUnknownParameters sends each call a parameter that it does not know. The refusal names the known ones.
func TestEveryCallRefusesUnknownParameters(t *testing.T) {
	h := newSidecar(t, "")
	for path, known := range map[string]string{
		"GET /ws/online": "limit, after", "GET /ws/stats": "none", "GET /metrics": "name[]", "GET /debug/consistency": "none",
		"GET /debug/pprof/": "seconds, debug, gc", "GET /debug/pprof/heap": "seconds, debug, gc",
		"POST /ws/broadcast": "none", "POST /ws/send": "none", "POST /ws/cleanup": "none", "POST /ws/disconnect": "none",
		"POST /ws/revoke": "none", "POST /ws/drain": "none",
	} {
		method, path, _ := strings.Cut(path, " ")
		status, body, _ := (call{method: method, path: path + "?dry_run=true"}).on(t, h)
		if status != 400 || !strings.Contains(body, `"unknown_parameter"`) || !strings.Contains(body, "it takes: "+known+`"`) {
			t.Errorf("%s %s with a parameter that it does not know: %d %s", method, path, status, body)
		}
	}
	for _, path := range []string{"/readyz?from=balancer", "/debug/pprof/symbol?0x1+0x2", "/metrics?name[]=a&name[]=b"} {
		if status, body, _ := (call{path: path}).on(t, h); status == 400 {
			t.Errorf("%s: %s", path, body)
		}
	}
}
