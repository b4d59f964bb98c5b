package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// decode reads a POST's JSON body into call, strictly: a misspelt field is better refused than passed over.
// An empty body counts as an empty object.
func decode(w http.ResponseWriter, r *http.Request, call any) *fault {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return &fault{413, "too_large", "the body may have 65536 bytes"}
	}
	if err != nil {
		return &fault{400, "bad_body", "the body did not arrive whole"}
	}
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	} else if !isJSON(r.Header) {
		return notJSON
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(call); err != nil {
		return &fault{400, "bad_json", "the body must be one JSON object with the fields of this call: " + err.Error()}
	}
	if _, err := decoder.Token(); err != io.EOF {
		return &fault{400, "bad_json", "the body must be one JSON object and nothing behind it"}
	}
	return nil
}
