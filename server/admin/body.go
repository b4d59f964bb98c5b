package admin

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// fields are the members of a POST's JSON object, each in the bytes it was sent in.
type fields map[string]json.RawMessage

// readFields reads the body of a POST strictly: it refuses a misspelt field instead of ignoring it. An empty body counts as
// an empty object.
func readFields(w http.ResponseWriter, r *http.Request, known ...string) (fields, *fault) {
	body, fault := readBody(w, r, maxBodyBytes)
	if fault != nil || body == nil {
		return nil, fault
	}
	found, fault := parse(body, known)
	note(r, found)
	return found, fault
}

// readBody reads a body of JSON; nil if it is empty.
func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, *fault) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, &fault{413, "too_large", "the body may have at most " + strconv.FormatInt(most, 10) + " bytes"}
	}
	if err != nil {
		return nil, &fault{400, "bad_body", "the body did not arrive completely"}
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	if !isJSON(r.Header) {
		return nil, notJSON
	}
	return body, nil
}

// parse reads an object with the known fields. encoding/json accepts bytes that are not UTF-8; sent on in a text frame, they
// would make every recipient fail its connection (RFC 6455 §8.1).
func parse(body []byte, known []string) (fields, *fault) {
	if !utf8.Valid(body) {
		return nil, &fault{400, "bad_json", "the body must be UTF-8, as all JSON is"}
	}
	var found fields
	err := json.Unmarshal(body, &found)
	if broken := (*json.SyntaxError)(nil); errors.As(err, &broken) {
		return nil, &fault{400, "bad_json", "the body must be one JSON object: " + err.Error()}
	}
	if err != nil || found == nil {
		return nil, &fault{400, "bad_json", "the body must be one JSON object, not another JSON value"}
	}
	for name := range found {
		if !slices.Contains(known, name) {
			return nil, &fault{400, "unknown_field", strconv.Quote(name) + " is no field of this call; it takes: " + listed(known)}
		}
	}
	if name, repeated := repeatedField(body); repeated {
		return nil, &fault{400, "duplicate_field", strconv.Quote(name) + " occurs more than once: send every field once"}
	}
	return found, nil
}

func listed(known []string) string { return cmp.Or(strings.Join(known, ", "), "none") }

// repeatedField finds a name that an object has more than once. encoding/json takes the last of them, and another reader
// of the same request may take the first. The object was parsed before.
func repeatedField(object []byte) (name string, found bool) {
	d := json.NewDecoder(bytes.NewReader(object))
	_, _ = d.Token() // {
	seen := map[json.Token]bool{}
	for d.More() {
		name, _ := d.Token()
		if seen[name] {
			return name.(string), true
		}
		seen[name] = true
		var value json.RawMessage
		if d.Decode(&value) != nil {
			break
		}
	}
	return "", false
}

// text returns a required field that must be a string.
func (f fields) text(name string) (string, *fault) {
	raw, there := f[name]
	if !there {
		return "", &fault{400, "missing_field", name + " is missing: send it as a string"}
	}
	var s *string
	if json.Unmarshal(raw, &s) != nil || s == nil {
		return "", &fault{400, "wrong_type", name + " must be a string"}
	}
	return *s, nil
}

// messageID returns the id that the caller has given the message, or "".
func (f fields) messageID() (string, *fault) {
	if _, there := f["id"]; !there {
		return "", nil
	}
	id, refused := f.text("id")
	if refused == nil && (id == "" || len(id) > maxMessageIDBytes) {
		refused = &fault{400, "bad_id", "id must have 1 to " + strconv.Itoa(maxMessageIDBytes) + " bytes; without one the message gets a new id"}
	}
	return id, refused
}

// userID returns a required field that must be a user's id.
func (f fields) userID(name string) (uuid.UUID, *fault) {
	text, fault := f.text(name)
	if fault != nil {
		return uuid.Nil, fault
	}
	return parseUserID(name, text)
}

// parseUserID accepts a UUID only in the form that messages have; uuid.Parse accepts three more forms.
func parseUserID(name, text string) (uuid.UUID, *fault) {
	id, err := uuid.Parse(text)
	if err != nil || len(text) != len(uuid.Nil.String()) {
		return uuid.Nil, &fault{400, "bad_user_id", name + " must be a user's id as /ws/online lists it: a UUID of 36 characters"}
	}
	return id, nil
}

var notJSON = &fault{415, "not_json", "send Content-Type: application/json"}

// isJSON reports whether the content type is JSON. A form on any page can send POSTs of other types.
func isJSON(h http.Header) bool {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && kind == "application/json"
}
