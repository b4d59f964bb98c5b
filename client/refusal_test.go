package client

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRefusalsAreRead(t *testing.T) {
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, body, after string
		status            int
		want              Refusal
		text              string
	}{
		{"of the server", `{"error":"busy","message":"come back"}`, "7", 503, Refusal{503, "busy", "come back", 7 * time.Second}, "503 Service Unavailable (try again after 7 seconds): busy: come back"},
		{"of a proxy", "<h1>no</h1>\n", "", 502, Refusal{502, "http:502", "<h1>no</h1>", -1}, "502 Bad Gateway: <h1>no</h1>"},
		{"JSON of a proxy", `{"fault":1}`, "", 502, Refusal{502, "http:502", `{"fault":1}`, -1}, `502 Bad Gateway: {"fault":1}`},
		{"with a date", "", "Mon, 01 Jan 2024 00:01:00 GMT", 503, Refusal{503, "http:503", "", time.Minute}, "503 Service Unavailable (try again after 60 seconds)"},
		{"with a date that has passed", "", "Sun, 31 Dec 2023 00:01:00 GMT", 503, Refusal{503, "http:503", "", 0}, "503 Service Unavailable (try again after 0 seconds)"},
		{"with nonsense", "", "soon", 503, Refusal{503, "http:503", "", -1}, "503 Service Unavailable"},
		{"with a sign", "", "+7", 503, Refusal{503, "http:503", "", -1}, "503 Service Unavailable"},
		{"with an endless time", "", "18446744073709551616", 503, Refusal{503, "http:503", "", 2e9 * time.Second}, "503 Service Unavailable (try again after 2000000000 seconds)"},
	} {
		header := http.Header{}
		if tt.after != "" {
			header.Set("Retry-After", tt.after)
		}
		got := readRefusal(&http.Response{StatusCode: tt.status, Header: header, Body: io.NopCloser(strings.NewReader(tt.body))}, now)
		if *got != tt.want || got.Error() != tt.text {
			t.Errorf("%s: %+v, %q", tt.name, *got, got)
		}
	}
}

func TestTheStatusOfARefusalDecides(t *testing.T) {
	for _, tt := range []struct {
		refusal Refusal
		want    course
	}{
		{Refusal{Status: 302, Code: "http:302", RetryAfter: -1}, retry},
		{Refusal{Status: 200, Code: "http:200", RetryAfter: -1}, retry},
		{Refusal{Status: 401, Code: "http:401", RetryAfter: -1}, renew},
		{Refusal{Status: 402, Code: "http:402", RetryAfter: -1}, retry},
		{Refusal{Status: 403, Code: "http:403", RetryAfter: time.Second}, retry},
		{Refusal{Status: 404, Code: "not_found", RetryAfter: time.Second}, retry},
		{Refusal{Status: 404, Code: "not_found"}, final},
		{Refusal{Status: 403, Code: "token_audience"}, final},
		{Refusal{Status: 429, Code: "user_full", RetryAfter: -1}, retry},
		{Refusal{Status: 401, Code: "token_key_unknown", RetryAfter: -1}, renewOrRetry},
	} {
		if got := tt.refusal.ending(); got.course != tt.want || got.why != tt.refusal.Code || got.named >= 0 != (tt.want == retry && tt.refusal.RetryAfter >= 0) {
			t.Errorf("%+v: %+v", tt.refusal, got)
		}
	}
}
