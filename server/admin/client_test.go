package admin

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

func TestAnyPageMayLoadTheClient(t *testing.T) {
	c := newSidecar(t, "token")
	for path, want := range map[string]struct{ kind, text string }{
		"/client/momentum.js":   {"text/javascript; charset=utf-8", "export function connect("},
		"/client/momentum.d.ts": {"application/typescript; charset=utf-8", "export function connect("},
	} {
		status, body, headers := call{path: path, peer: "192.0.2.7:5", host: "chat.example"}.on(t, c)
		if status != 200 || !strings.Contains(body, want.text) || headers.Get("Content-Type") != want.kind {
			t.Errorf("%s: %d %q %.80s", path, status, headers.Get("Content-Type"), body)
		}
		if headers.Get("Access-Control-Allow-Origin") != "*" || headers.Get("Cache-Control") != clientCache {
			t.Errorf("%s: %v", path, headers)
		}
		again := call{path: path, peer: "192.0.2.7:5", host: "chat.example", headers: map[string]string{"If-None-Match": headers.Get("ETag")}}
		if status, body, _ := again.on(t, c); status != 304 || body != "" {
			t.Errorf("%s again: %d %.80s", path, status, body)
		}
	}
}

func TestTheClientIsServedCompressed(t *testing.T) {
	get := call{path: "/client/momentum.js", headers: map[string]string{"Accept-Encoding": "br, gzip"}}
	status, body, headers := get.on(t, newSidecar(t, ""))
	if status != 200 || headers.Get("Content-Encoding") != "gzip" || headers.Get("Vary") != "Accept-Encoding" || len(body) > 5<<10 {
		t.Fatalf("%d %v, %d bytes", status, headers, len(body))
	}
	r, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil || !strings.Contains(string(text), "export function connect(") {
		t.Errorf("%v: %.80s", err, text)
	}
	_, _, plain := call{path: get.path}.on(t, newSidecar(t, ""))
	if plain.Get("ETag") == headers.Get("ETag") {
		t.Error("both forms have one ETag")
	}
}

func TestTheClientsFolderHasNothingElse(t *testing.T) {
	for _, path := range []string{"/client/", "/client/package.json", "/client/../demo/index.html"} {
		if status, _, _ := (call{path: path}).on(t, newSidecar(t, "")); status == 200 {
			t.Errorf("%s is served", path)
		}
	}
}
