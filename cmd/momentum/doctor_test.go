package main

import (
	"encoding/json"
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
