package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"momentum/internal/doctor"
)

func TestDoctorFailsWithAProblemAlone(t *testing.T) {
	out, complaints, code := said(t, nil, "doctor", "--dev", "--connections=16777217", "--json")
	var r doctor.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != exitFailed || r.Good || complaints != "" {
		t.Errorf("code %d, %v: %s%s", code, err, out, complaints)
	}
	if r.Prediction.Connections == 0 || len(r.Prediction.Limits) < 3 || r.Prediction.Limit != r.Prediction.Limits[0].Name {
		t.Errorf("%+v", r.Prediction)
	}
	if out, _, _ = said(t, nil, "doctor", "--dev", "--connections=16777217"); !strings.HasPrefix(out, "problem ") || !strings.Contains(out, "this host holds") {
		t.Errorf("%s", out)
	}
	if _, _, code = said(t, nil, "doctor", "--dev", "--connections=-1"); code != exitSettings {
		t.Errorf("a wrong number: code %d", code)
	}
}

func TestTheCostAndTheRateAreThoseOfARunningNode(t *testing.T) {
	for answer, want := range map[string]string{
		`{"storm":{"handshake_cpu_seconds":0.5,"handshake_cpu_measured":true}}`:  "it would take 4m10s",
		`{"storm":{"handshake_cpu_seconds":0.5,"handshake_cpu_measured":false}}`: "it would take 10ms",
		`{"handshake_rate":100}`: "it would take 10s",
	} {
		node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
		out, _, _ := said(t, nil, "doctor", "--dev", "--max-connections=1000", "--reactors=2", "--admin-addr", strings.TrimPrefix(node.URL, "http://"))
		node.Close()
		if runtime.GOMAXPROCS(0) >= 2 && !strings.Contains(out, want) {
			t.Errorf("with %s:\n%s", answer, out)
		}
	}
}
