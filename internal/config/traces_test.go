package config

import (
	"strings"
	"testing"
)

func TestTracesAreChecked(t *testing.T) {
	for _, tt := range []struct{ endpoint, sampler, argument, fault string }{
		{"", "", "", ""},
		{"", "someone else's", "7", ""}, // nothing is traced
		{"http://127.0.0.1:4318", "", "", ""},
		{"http://127.0.0.1:4318", "traceidratio", "1", ""},
		{"127.0.0.1:4318", "", "", "OTEL_EXPORTER_OTLP_ENDPOINT (--otlp-endpoint)"},
		{"http://127.0.0.1:4318", "sometimes", "", "OTEL_TRACES_SAMPLER (--traces-sampler)"},
		{"http://127.0.0.1:4318", "", "1.1", "OTEL_TRACES_SAMPLER_ARG (--traces-sampler-arg)"},
	} {
		c := good(t)
		c.TracesEndpoint, c.TracesSampler, c.TracesSamplerArg = tt.endpoint, tt.sampler, tt.argument
		err := c.Validate()
		if (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}
