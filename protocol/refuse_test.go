package protocol

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestAppendRefusalWritesACompleteResponse(t *testing.T) {
	headers := map[int]map[string]string{
		400: {}, 403: {}, 404: {}, 408: {}, 414: {}, 429: {}, 431: {}, 503: {}, 505: {},
		401: {"WWW-Authenticate": "Bearer"}, 405: {"Allow": "GET"}, 426: {"Upgrade": "websocket"},
	}
	for status, extra := range headers {
		for _, retryAfter := range []int{0, 7} {
			r := &Refusal{Status: status, Code: "some_code", Message: `say "please"` + "\n" + strings.Repeat("long ", 200)}
			resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(AppendRefusal(nil, r, retryAfter))), nil)
			if err != nil {
				t.Fatal(status, err)
			}
			checkRefusal(t, r, resp, retryAfter)
			for name, value := range extra {
				if resp.Header.Get(name) != value {
					t.Errorf("%d: %s is %q", status, name, resp.Header.Get(name))
				}
			}
		}
	}
}

func checkRefusal(t *testing.T, r *Refusal, resp *http.Response, retryAfter int) {
	t.Helper()
	body, _ := io.ReadAll(resp.Body)
	var said struct{ Error, Message string }
	if err := json.Unmarshal(body, &said); err != nil || said.Error != r.Code || said.Message != r.Message {
		t.Errorf("%d: body %q: %v", r.Status, body, err)
	}
	if resp.StatusCode != r.Status || !resp.Close || resp.ContentLength != int64(len(body)) ||
		resp.Header.Get("Content-Type") != "application/json" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d: %d %v", r.Status, resp.StatusCode, resp.Header)
	}
	if want := map[int]string{0: "", 7: "7"}[retryAfter]; resp.Header.Get("Retry-After") != want {
		t.Errorf("%d: Retry-After is %q", r.Status, resp.Header.Get("Retry-After"))
	}
}

func TestAppendResponseWritesACompleteResponse(t *testing.T) {
	for _, noContent := range []bool{false, true} {
		const body = `{"status":"ok"}`
		written := AppendResponse([]byte("before"), 503, []byte(body), noContent)
		rest, kept := bytes.CutPrefix(written, []byte("before"))
		request := &http.Request{Method: map[bool]string{false: "GET", true: "HEAD"}[noContent]}
		response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(rest)), request)
		if err != nil || !kept {
			t.Fatalf("%q: %v", written, err)
		}
		content, _ := io.ReadAll(response.Body)
		if response.StatusCode != 503 || !response.Close || response.ContentLength != int64(len(body)) || (string(content) == body) == noContent {
			t.Errorf("%q", written)
		}
	}
}
