package config

import (
	"fmt"

	"momentum/server/trace/otlp"
)

// tracesFault checks the settings of traces. Without an endpoint, the others are not read: they may be another program's.
func tracesFault(endpoint, sampler, argument string) error {
	if endpoint == "" {
		return nil
	}
	if err := otlp.CheckEndpoint(endpoint); err != nil {
		return fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT (--otlp-endpoint): %w", err)
	}
	if err := otlp.CheckSampler(sampler, argument); err != nil {
		return fmt.Errorf("OTEL_TRACES_SAMPLER (--traces-sampler), OTEL_TRACES_SAMPLER_ARG (--traces-sampler-arg): %w", err)
	}
	return nil
}
