package otlp

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestEndpointsAreChecked(t *testing.T) {
	for endpoint, fault := range map[string]string{
		"":                               "such as http://",
		"http://127.0.0.1:4318":          "",
		"https://collector.example/otlp": "",
		"127.0.0.1:4318":                 "such as http://",
		"grpc://127.0.0.1:4317":          "such as http://",
		"http://":                        "such as http://",
		"https://me:secret@host":         "OTEL_EXPORTER_OTLP_HEADERS",
		"http://host?key=secret":         "without a query",
	} {
		err := CheckEndpoint(endpoint)
		if (err == nil) != (fault == "") || err != nil && (!strings.Contains(err.Error(), fault) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}

func TestSamplersAreChecked(t *testing.T) {
	for _, tt := range []struct{ name, argument, fault string }{
		{"", "", ""}, {"", "0.5", ""}, {"always_on", "", ""}, {"ParentBased_TraceIDRatio", "1e-3", ""},
		{"sometimes", "", "no sampler"}, {"traceidratio", "2", "from 0 to 1"}, {"", "-1", "from 0 to 1"}, {"", "NaN", "from 0 to 1"}, {"", "half", "from 0 to 1"},
	} {
		err := CheckSampler(tt.name, tt.argument)
		if (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
			t.Errorf("%q with %q: %v", tt.name, tt.argument, err)
		}
	}
}

// TestSharesOfAdmissions: of a storm of 15,000 admissions, 150 are traced if nothing is set.
func TestSharesOfAdmissions(t *testing.T) {
	for _, tt := range []struct {
		name, argument string
		low, high      int
	}{
		{"", "", 110, 190}, {"", "0.5", 7300, 7700}, {"always_on", "", 15000, 15000}, {"always_off", "", 0, 0},
		{"parentbased_always_off", "", 0, 0}, {"traceidratio", "", 15000, 15000}, {"parentbased_traceidratio", "0.1", 1350, 1650},
	} {
		admissions, _, err := samplers(tt.name, tt.argument)
		if err != nil {
			t.Fatal(err)
		}
		e, random, traced := &Exporter{admissions: admissions}, rand.New(rand.NewPCG(1, 2)), 0
		for range 15000 {
			if e.Sample(nil, random) != nil {
				traced++
			}
		}
		if traced < tt.low || traced > tt.high {
			t.Errorf("%q with %q: %d of 15,000", tt.name, tt.argument, traced)
		}
	}
}
