package e2e

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"momentum/internal/tracetest"
	"momentum/server/auth"
)

// TestTracesReachACollector: the last ones are sent when the node stops.
func TestTracesReachACollector(t *testing.T) {
	const parent = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"
	c := tracetest.Start(t)
	s := serve(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_TRACES_SAMPLER_ARG=1", "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test",
		"NODE_NAME=node-1", "ADMIN_TOKENS=on-call:write:0123456789abcdef")
	alice := s.mustEnter(t, signFor(t, "alice"))
	defer alice.CloseNow()
	ask(t, "GET", "http://"+s.ws+"/ws?token=no.token.here", "")
	ask(t, "GET", "http://"+s.admin+"/ws/online", "", "Authorization", "Bearer 0123456789abcdef", "Traceparent", "00-"+parent+"-01")
	ask(t, "GET", "http://"+s.admin+"/metrics", "", "Authorization", "Bearer no such token")
	s.signal(syscall.SIGTERM)
	if code := s.exit(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, s.text())
	}
	var lines []string
	for _, span := range c.Spans() {
		for _, value := range span.Attributes {
			if strings.Contains(value, "0123456789abcdef") || strings.Contains(value, "no.token.here") {
				t.Errorf("%s has a token: %v", span.Name, span.Attributes)
			}
		}
		if span.Node["service.name"] != "momentum" || span.Node["service.instance.id"] != "node-1" || span.Node["deployment.environment.name"] != "test" {
			t.Errorf("the node is %v", span.Node)
		}
		a := span.Attributes
		switch span.Name {
		case "admission":
			lines = append(lines, a["momentum.outcome"]+" "+a["http.response.status_code"]+" "+a["user.id"]+" "+a["client.address"])
		case "GET /ws/online":
			lines = append(lines, span.Trace+"-"+span.Parent+" "+a["http.response.status_code"]+" "+a["momentum.token"])
		case "GET /metrics":
			lines = append(lines, "a refused call")
		}
	}
	slices.Sort(lines)
	want := []string{parent + " 200 on-call", "admitted 101 " + auth.UserID("alice").String() + " 127.0.0.1", "refused 401  127.0.0.1"}
	if !slices.Equal(lines, want) {
		t.Errorf("the collector got\n%s", strings.Join(lines, "\n"))
	}
}

// TestANodeServesAndStopsWithoutItsCollector: it is told of at most once a minute.
func TestANodeServesAndStopsWithoutItsCollector(t *testing.T) {
	s := serve(t, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+freeAddr(t), "OTEL_TRACES_SAMPLER=always_on")
	for range 20 {
		s.mustEnter(t, signFor(t, "alice")).CloseNow()
	}
	s.expect("the collector of traces takes none")
	if _, figures := ask(t, "GET", "http://"+s.admin+"/metrics", ""); !strings.Contains(figures, `momentum_traces_total{outcome="failed"}`) {
		t.Error("no metric counts the lost traces")
	}
	s.signal(syscall.SIGTERM)
	if code := s.exit(); code != 0 || strings.Count(s.text(), "the collector of traces takes none") != 1 {
		t.Errorf("exit code %d:\n%s", code, s.text())
	}
}
