package admin

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestARefusalIsJSONAndNamesTheScheme(t *testing.T) {
	for status, scheme := range map[int]string{401: "Bearer ", 403: "", 404: ""} {
		refuse := answer(func(http.ResponseWriter, *http.Request) *fault { return &fault{status, "some_code", `say "why"`} })
		w := httptest.NewRecorder()
		refuse.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		var body struct{ Error, Message string }
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Error != "some_code" || body.Message != `say "why"` {
			t.Errorf("%d: %v, %s", status, err, w.Body)
		}
		got := w.Header().Get("WWW-Authenticate")
		if w.Code != status || w.Header().Get("Content-Type") != "application/json" || !strings.HasPrefix(got, scheme) || (got == "") != (scheme == "") {
			t.Errorf("%d: status %d, headers %v", status, w.Code, w.Header())
		}
	}
}

// An unread body would be taken for the next request.
func TestARefusalOfAnUnreadBodyEndsTheConnection(t *testing.T) {
	refuse := answer(func(http.ResponseWriter, *http.Request) *fault { return &fault{400, "some_code", "why"} })
	for body, ends := range map[string]bool{"": false, "{}": true} {
		w := httptest.NewRecorder()
		refuse.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)))
		if got := w.Header().Get("Connection") == "close"; got != ends {
			t.Errorf("a body of %d bytes: the connection ends: %v", len(body), got)
		}
	}
}
