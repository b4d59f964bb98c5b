package protocol

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
)

const (
	someID   = `"7b0c6a2e-51a4-4c0b-9c3f-0f2a5d3c1e11"`
	someUser = "0B0c6a2e-51a4-4c0b-9c3f-0f2a5d3c1E11"
)

func TestEnvelopeAccepted(t *testing.T) {
	full := `{"id":` + someID + `,"message_type":"text","data":{"content":"hi"},"timestamp":"2024-01-01T00:00:00Z",` +
		`"from_user_id":"` + someUser + `","to_user_id":"` + someUser + `"}`
	tests := map[string]struct {
		message string
		want    Envelope // To is checked by HasTo
	}{
		"every field": {full, Envelope{Type: Text, ID: []byte(someID), Data: []byte(`{"content":"hi"}`),
			Timestamp: []byte(`"2024-01-01T00:00:00Z"`), HasTo: true}},
		"the least":               {`{"message_type":"ping"}`, Envelope{Type: Ping}},
		"whitespace":              {" \t\r\n{ \"message_type\" : \"ping\" , \"data\" :\n[ 1 , 2 ]\t} \n", Envelope{Type: Ping, Data: []byte("[ 1 , 2 ]")}},
		"unknown fields":          {`{"x":{"id":1,"data":2},"message_type":"text","message_typ":[],"":0}`, Envelope{Type: Text}},
		"data null":               {`{"message_type":"text","data":null}`, Envelope{Type: Text, Data: []byte("null")}},
		"data a number":           {`{"message_type":"text","data":-1.50e+07 }`, Envelope{Type: Text, Data: []byte("-1.50e+07")}},
		"data a string":           {`{"message_type":"text","data":"\u0041\"}{,\\"}`, Envelope{Type: Text, Data: []byte(`"\u0041\"}{,\\"`)}},
		"data with names like us": {`{"message_type":"text","data":{"id":1,"id":2,"message_type":3}}`, Envelope{Type: Text, Data: []byte(`{"id":1,"id":2,"message_type":3}`)}},
		"to null":                 {`{"message_type":"text","to_user_id":null}`, Envelope{Type: Text}},
		"from a number":           {`{"message_type":"text","from_user_id":{"a":[1]}}`, Envelope{Type: Text}},
		"escaped name":            {`{"message\u005ftype":"text","\u0069\u0064":"\u0041"}`, Envelope{Type: Text, ID: []byte(`"\u0041"`)}},
		"escaped type":            {`{"message_type":"\u0070\u0069ng"}`, Envelope{Type: Ping}},
		"escaped to":              {`{"message_type":"text","to_user_id":"\u0030` + someUser[1:] + `"}`, Envelope{Type: Text, HasTo: true}},
		"a topic":                 {`{"message_type":"text","topic":"room.7"}`, Envelope{Type: Text, Topic: []byte("room.7")}},
		"an escaped topic":        {`{"message_type":"text","topic":"\u0072oom"}`, Envelope{Type: Text, Topic: []byte("room")}},
		"topic null":              {`{"message_type":"text","topic":null,"to_user_id":"` + someUser + `"}`, Envelope{Type: Text, HasTo: true}},
		"ack":                     {`{"message_type":"text","id":"a","ack":true}`, Envelope{Type: Text, ID: []byte(`"a"`), Ack: true}},
		"ack false":               {`{"message_type":"text","ack":false}`, Envelope{Type: Text}},
		"ack null":                {`{"message_type":"text","ack":null}`, Envelope{Type: Text}},
		"empty id":                {`{"message_type":"text","id":""}`, Envelope{Type: Text, ID: []byte(`""`)}},
		"longest id":              {`{"message_type":"text","id":"` + strings.Repeat("i", 128) + `"}`, Envelope{Type: Text, ID: []byte(`"` + strings.Repeat("i", 128) + `"`)}},
		"id with an escape":       {`{"message_type":"text","id":"a\n\"b"}`, Envelope{Type: Text, ID: []byte(`"a\n\"b"`)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var p EnvelopeParser
			got := Envelope{Type: Error, HasTo: true, ID: []byte("old"), Data: []byte("old"), Timestamp: []byte("old")}
			if err := p.Parse([]byte(test.message), &got); err != nil {
				t.Fatalf("%+v", err)
			}
			if got.HasTo != (got.To == uuid.MustParse(someUser)) {
				t.Errorf("to %v %x", got.HasTo, got.To)
			}
			got.To = [16]byte{}
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", test.want) || (got.Data == nil) != (test.want.Data == nil) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestEnvelopeRefused(t *testing.T) {
	const id = `"id":"ref",`
	tests := map[string]refusedMessage{
		"nothing":                    {``, "malformed_json", ""},
		"whitespace":                 {` `, "malformed_json", ""},
		"not JSON":                   {`hello`, "malformed_json", ""},
		"half an object":             {`{` + id + `"message_type":"text"`, "malformed_json", `"ref"`},
		"malformed after the id":     {`{` + id + `"message_type":text}`, "malformed_json", `"ref"`},
		"broken inside the id":       {`{"id":"ref`, "malformed_json", ""},
		"an id that is broken":       {`{"id":"r\x","message_type":"text"}`, "malformed_json", ""},
		"a trailing comma":           {`{"message_type":"text",}`, "malformed_json", ""},
		"two objects":                {`{"message_type":"text"}{}`, "malformed_json", ""},
		"NaN":                        {`{"message_type":"text","data":NaN}`, "malformed_json", ""},
		"a control character":        {"{\"message_type\":\"text\",\"data\":\"a\x01\"}", "malformed_json", ""},
		"a control, then an escape":  {"{\"message_type\":\"text\",\"data\":\"a\x01\\n\"}", "malformed_json", ""},
		"a control in a name":        {"{\"message_type\":\"text\",\"a\x01\\n\":1}", "malformed_json", ""},
		"NUL after it":               {"{\"message_type\":\"text\"}\x00", "malformed_json", ""},
		"an array":                   {`[{"message_type":"text"}]`, "not_an_object", ""},
		"a string":                   {`"text"`, "not_an_object", ""},
		"null":                       {`null`, "not_an_object", ""},
		"an array, broken":           {`[1,]`, "malformed_json", ""},
		"no type":                    {`{` + id + `"data":1}`, "missing_field", `"ref"`},
		"empty":                      {`{}`, "missing_field", ""},
		"type null":                  {`{` + id + `"message_type":null}`, "wrong_type", `"ref"`},
		"type a number":              {`{"message_type":1,"id":"ref"}`, "wrong_type", `"ref"`},
		"type unknown":               {`{` + id + `"message_type":"Text"}`, "unknown_message_type", `"ref"`},
		"type empty":                 {`{"message_type":""}`, "unknown_message_type", ""},
		"type named unknown":         {`{"message_type":"unknown"}`, "unknown_message_type", ""},
		"type very long":             {`{"message_type":"` + strings.Repeat("t", 1000) + `"}`, "unknown_message_type", ""},
		"type half a surrogate":      {`{"message_type":"\ud800"}`, "unknown_message_type", ""},
		"id a number":                {`{"id":5,"message_type":"text"}`, "wrong_type", ""},
		"id null":                    {`{"id":null,"message_type":"text"}`, "wrong_type", ""},
		"id too long":                {`{"id":"` + strings.Repeat("i", 129) + `","message_type":"text"}`, "too_long", ""},
		"timestamp a number":         {`{` + id + `"message_type":"text","timestamp":5}`, "wrong_type", `"ref"`},
		"timestamp null":             {`{` + id + `"message_type":"text","timestamp":null}`, "wrong_type", `"ref"`},
		"timestamp too long":         {`{` + id + `"message_type":"text","timestamp":"` + strings.Repeat("1", 65) + `"}`, "too_long", `"ref"`},
		"to a number":                {`{` + id + `"message_type":"text","to_user_id":5}`, "wrong_type", `"ref"`},
		"to an object":               {`{"message_type":"text","to_user_id":{}}`, "wrong_type", ""},
		"to empty":                   {`{"message_type":"text","to_user_id":""}`, "bad_user_id", ""},
		"to without hyphens":         {`{"message_type":"text","to_user_id":"` + strings.ReplaceAll(someUser, "-", "") + `"}`, "bad_user_id", ""},
		"to a URN":                   {`{"message_type":"text","to_user_id":"urn:uuid:` + someUser + `"}`, "bad_user_id", ""},
		"to in braces":               {`{"message_type":"text","to_user_id":"{` + someUser + `}"}`, "bad_user_id", ""},
		"to not hexadecimal":         {`{"message_type":"text","to_user_id":"g` + someUser[1:] + `"}`, "bad_user_id", ""},
		"to very long":               {`{"message_type":"text","to_user_id":"` + strings.Repeat("a", 1000) + `"}`, "bad_user_id", ""},
		"type twice":                 {`{` + id + `"message_type":"text","message_type":"text"}`, "duplicate_field", `"ref"`},
		"type twice, once escaped":   {`{"message_type":"text","message\u005Ftype":"ping"}`, "duplicate_field", ""},
		"data twice":                 {`{"message_type":"text","data":1,"data":1}`, "duplicate_field", ""},
		"id twice":                   {`{"id":"a","message_type":"text","id":"b"}`, "duplicate_field", `"a"`},
		"from twice":                 {`{"message_type":"text","from_user_id":1,"from_user_id":2}`, "duplicate_field", ""},
		"nested 65 deep":             {`{` + id + `"message_type":"text","data":` + nested(64) + `}`, "too_deep", `"ref"`},
		"an array nested 65 deep":    {nested(65), "too_deep", ""},
		"nested as deep as memory":   {strings.Repeat("[", 10_000_000), "too_deep", ""},
		"brackets that do not match": {`{"message_type":"text","data":[{]}}`, "malformed_json", ""},
	}
	wantRefused(t, tests)
}

// refusedMessage is a message, and the code and the id of its error.
type refusedMessage struct{ message, code, ref string }

func TestEnvelopeWithATopicOrAnAckRefused(t *testing.T) {
	const id = `"id":"ref",`
	wantRefused(t, map[string]refusedMessage{
		"topic a number":     {`{` + id + `"message_type":"text","topic":7}`, "wrong_type", `"ref"`},
		"topic empty":        {`{` + id + `"message_type":"text","topic":""}`, "bad_topic", `"ref"`},
		"topic with a blank": {`{` + id + `"message_type":"text","topic":"room 7"}`, "bad_topic", `"ref"`},
		"topic too long":     {`{"message_type":"text","topic":"` + strings.Repeat("t", 129) + `"}`, "bad_topic", ""},
		"topic very long":    {`{"message_type":"text","topic":"` + strings.Repeat("t", 1000) + `"}`, "bad_topic", ""},
		"topic and to":       {`{` + id + `"message_type":"text","topic":"t","to_user_id":"` + someUser + `"}`, "conflicting_fields", `"ref"`},
		"topic twice":        {`{"message_type":"text","topic":"t","topic":"t"}`, "duplicate_field", ""},
		"ack a string":       {`{` + id + `"message_type":"text","ack":"true"}`, "wrong_type", `"ref"`},
		"ack a number":       {`{` + id + `"message_type":"text","ack":1}`, "wrong_type", `"ref"`},
		"ack without an id":  {`{"message_type":"text","ack":true}`, "missing_field", ""},
	})
}

func wantRefused(t *testing.T, tests map[string]refusedMessage) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var p EnvelopeParser
			e := Envelope{Type: Text, HasTo: true}
			err := p.Parse([]byte(test.message), &e)
			if err == nil || err.Code != test.code || string(err.RefID) != test.ref || err.Message == "" {
				t.Fatalf("got %+v, want %s %s", err, test.code, test.ref)
			}
			if e.Type != UnknownType || e.HasTo || e.Data != nil || string(e.ID) != test.ref {
				t.Errorf("the refused message leaves %+v", e)
			}
		})
	}
}

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

func TestDepthUpToTheLimitIsAccepted(t *testing.T) {
	var p EnvelopeParser
	var e Envelope
	for _, data := range []string{nested(MaxDepth - 1), strings.Repeat(`{"a":`, MaxDepth-1) + "1" + strings.Repeat("}", MaxDepth-1)} {
		if err := p.Parse([]byte(`{"message_type":"text","data":`+data+`}`), &e); err != nil || string(e.Data) != data {
			t.Errorf("%d levels: %+v", MaxDepth, err)
		}
	}
}
