package otlp

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// Settings are the variables of OpenTelemetry that are settings of the node. The library reads the others from the
// environment by itself.
type Settings struct {
	Endpoint string // OTEL_EXPORTER_OTLP_ENDPOINT; if it is empty, nothing is traced
	Sampler  string // OTEL_TRACES_SAMPLER; if it is empty, see samplers
	Argument string // OTEL_TRACES_SAMPLER_ARG
}

// Ratio is the share of admissions that are traced, if no sampler is set: a storm of 15,000 gives 150 traces.
const Ratio = 0.01

// CheckEndpoint returns an error if an endpoint cannot be used.
func CheckEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return errors.New("write the URL of a collector that takes OTLP over HTTP, such as http://127.0.0.1:4318")
	case u.User != nil:
		return errors.New("a URL is shown in logs: put credentials into the variable OTEL_EXPORTER_OTLP_HEADERS")
	case u.RawQuery != "", u.Fragment != "":
		return errors.New("write the URL without a query")
	}
	return nil
}

// CheckSampler returns an error if there is no such sampler.
func CheckSampler(name, argument string) error {
	_, _, err := samplers(name, argument)
	return err
}

// samplers returns which admissions and which calls are traced. The sampler that the operator has named is for both. If there is
// none, the argument is the share of the admissions, and all calls are traced. The sampling decision of a traceparent comes first.
func samplers(name, argument string) (admissions, calls sdk.Sampler, err error) {
	share, err := ratio(name, argument)
	if err != nil {
		return nil, nil, err
	}
	both := map[string]sdk.Sampler{
		"always_on":                sdk.AlwaysSample(),
		"always_off":               sdk.NeverSample(),
		"traceidratio":             sdk.TraceIDRatioBased(share),
		"parentbased_always_on":    sdk.ParentBased(sdk.AlwaysSample()),
		"parentbased_always_off":   sdk.ParentBased(sdk.NeverSample()),
		"parentbased_traceidratio": sdk.ParentBased(sdk.TraceIDRatioBased(share)),
	}
	if name == "" {
		return both["parentbased_traceidratio"], both["parentbased_always_on"], nil
	}
	sampler, known := both[strings.ToLower(name)]
	if !known {
		return nil, nil, fmt.Errorf("there is no sampler %q: write always_on, always_off, traceidratio, or one of these after parentbased_", name)
	}
	return sampler, sampler, nil
}

// ratio returns the share of traces that a sampler keeps. OpenTelemetry has 1 for a sampler that is set without an argument.
func ratio(name, argument string) (float64, error) {
	switch {
	case argument == "" && name == "":
		return Ratio, nil
	case argument == "":
		return 1, nil
	}
	share, err := strconv.ParseFloat(argument, 64)
	if err != nil || !(share >= 0 && share <= 1) {
		return 0, fmt.Errorf("the argument of the sampler is %q: write the share of traces to keep, from 0 to 1", argument)
	}
	return share, nil
}
