package admin

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestBadCallsAreRefused(t *testing.T) {
	h := newSidecar(t, "")
	id := uuid.NewString()
	post := func(path, body string) call { return call{method: "POST", path: path, body: body} }
	for name, c := range map[string]struct {
		call
		code string
	}{
		"no body":              {post("/ws/broadcast", ""), "missing_field"},
		"not JSON":             {post("/ws/broadcast", "hello"), "bad_json"},
		"an array":             {post("/ws/broadcast", "[]"), "bad_json"},
		"null":                 {post("/ws/broadcast", "null"), "bad_json"},
		"not UTF-8":            {post("/ws/broadcast", "{\"message_type\":\"text\",\"data\":\"\xff\"}"), "bad_json"},
		"half a value":         {post("/ws/broadcast", `{"message_type":"text","data":{`), "bad_json"},
		"data that is no JSON": {post("/ws/broadcast", `{"message_type":"text","data":nan}`), "bad_json"},
		"a second value":       {post("/ws/broadcast", `{"message_type":"text"} {}`), "bad_json"},
		"a number as type":     {post("/ws/broadcast", `{"message_type":1}`), "wrong_type"},
		"null as type":         {post("/ws/broadcast", `{"message_type":null}`), "wrong_type"},
		"unknown field":        {post("/ws/broadcast", `{"message_type":"text","payload":1}`), "unknown_field"},
		"a field in capitals":  {post("/ws/broadcast", `{"MESSAGE_TYPE":"text"}`), "unknown_field"},
		"unknown type":         {post("/ws/broadcast", `{"message_type":"shout","data":1}`), "bad_message_type"},
		"the server's type":    {post("/ws/broadcast", `{"message_type":"user_joined","data":1}`), "bad_message_type"},
		"too large":            {post("/ws/broadcast", `{"message_type":"text","data":"`+strings.Repeat("x", maxBodyBytes)+`"}`), "too_large"},
		"no recipient":         {post("/ws/send", `{"message_type":"text","data":1}`), "missing_field"},
		"no type to send":      {post("/ws/send", `{"to_user_id":"`+id+`"}`), "missing_field"},
		"a name for an id":     {post("/ws/send", `{"to_user_id":"bob","message_type":"text"}`), "bad_user_id"},
		"an id as a URN":       {post("/ws/send", `{"to_user_id":"urn:uuid:`+id+`","message_type":"text"}`), "bad_user_id"},
		"a user not online":    {post("/ws/send", `{"to_user_id":"`+id+`","message_type":"text","data":1}`), "user_not_online"},
		"a field twice":        {post("/ws/send", `{"to_user_id":"`+id+`","message_type":"text","to_user_id":"`+id+`"}`), "duplicate_field"},
		"once in escapes":      {post("/ws/broadcast", `{"message_type":"text","message\u005ftype":"notification"}`), "duplicate_field"},
		"data twice":           {post("/ws/broadcast", `{"data":1,"message_type":"text","data":{}}`), "duplicate_field"},
		"a user twice":         {post("/ws/disconnect", `{"user_id":"`+id+`","user_id":"`+uuid.NewString()+`"}`), "duplicate_field"},
		"a token twice":        {post("/ws/revoke", `{"token_id":"a","token_id":"a"}`), "duplicate_field"},
		"cleanup with fields":  {post("/ws/cleanup", `{"all":true}`), "unknown_field"},
		"a limit of 0":         {call{path: "/ws/online?limit=0"}, "bad_limit"},
		"a limit beyond":       {call{path: "/ws/online?limit=10001"}, "bad_limit"},
		"after a name":         {call{path: "/ws/online?after=bob"}, "bad_user_id"},
		"an unknown parameter": {call{path: "/ws/online?user_id=" + id}, "unknown_parameter"},
		"a limit twice":        {call{path: "/ws/online?limit=1&limit=2"}, "duplicate_parameter"},
		"a broken query":       {call{path: "/ws/online?limit=%zz"}, "bad_query"},
		"no upgrade":           {call{path: "/ws?token=abc"}, "bad_upgrade"},
		"no such path":         {call{path: "/ws/onlin"}, "not_found"},
		"no such page":         {call{path: "/demo/nothing.js"}, "not_found"},
		"out of the demo":      {call{path: "/demo/..%2fembed.go"}, "not_found"},
	} {
		t.Run(name, func(t *testing.T) { c.expect(t, h, c.code) })
	}
}

// TestRefusalsNameTheField holds that a caller need not guess which field was wrong.
func TestRefusalsNameTheField(t *testing.T) {
	h := newSidecar(t, "")
	for body, field := range map[string]string{
		`{"message_type":"text"}`:                     "to_user_id",
		`{"to_user_id":7,"message_type":"text"}`:      "to_user_id",
		`{"to_user_id":"bob","message_type":"text"}`:  "to_user_id",
		`{"to_user_id":"` + uuid.NewString() + `"}`:   "message_type",
		`{"message_type":"text","colour":"#fff"}`:     "colour",
		`{"message_type":"text","To_User_ID":"bob" }`: "To_User_ID",
	} {
		var refusal struct{ Message string }
		_, answered, _ := (call{method: "POST", path: "/ws/send", body: body}).on(t, h)
		if err := json.Unmarshal([]byte(answered), &refusal); err != nil || !strings.Contains(refusal.Message, field) {
			t.Errorf("%s: %q does not name %s", body, refusal.Message, field)
		}
	}
}
