package admin

import (
	"strings"
	"testing"
)

// TestEveryCallRefusesUnknownParameters sends each call a parameter that it does not know. The refusal names the known ones.
func TestEveryCallRefusesUnknownParameters(t *testing.T) {
	h := newSidecar(t, "")
	for path, known := range map[string]string{
		"GET /ws/online": "limit, after, scope", "GET /ws/stats": "scope", "GET /metrics": "name[]", "GET /debug/consistency": "none",
		"GET /debug/pprof/": "seconds, debug, gc", "GET /debug/pprof/heap": "seconds, debug, gc",
		"POST /ws/broadcast": "none", "POST /ws/send": "none", "POST /ws/cleanup": "scope", "POST /ws/disconnect": "scope",
		"POST /ws/revoke": "scope", "POST /ws/drain": "none",
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

func TestOtherScopesAreRefused(t *testing.T) {
	h := newSidecar(t, "")
	for scope, want := range map[string]int{"node": 200, "cluster": 200, "world": 400} {
		status, body, _ := (call{path: "/ws/stats?scope=" + scope}).on(t, h)
		if status != want || want == 400 && !strings.Contains(body, `"bad_scope"`) {
			t.Errorf("scope %s: %d %s", scope, status, body)
		}
	}
}
