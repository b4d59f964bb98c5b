package otlp

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// TestSecretsInVariablesAreNotLogged has headers that the library cannot read.
func TestSecretsInVariablesAreNotLogged(t *testing.T) {
	for _, headers := range []string{"secret without a name", "a secret name=value"} {
		t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", headers)
		var log bytes.Buffer
		e := startExporter(t, "http://127.0.0.1:1", func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		if err := e.Close(within(t, patience)); err != nil || !strings.Contains(log.String(), "parse headers") || strings.Contains(log.String(), "secret") {
			t.Errorf("%q: %v\n%s", headers, err, log.String())
		}
	}
}
