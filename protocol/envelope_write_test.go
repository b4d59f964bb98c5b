package protocol

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"
)

func TestAppendMessage(t *testing.T) {
	user := uuid.MustParse(someUser)
	quoted := `"` + strings.ToLower(someUser) + `"`
	tests := map[string]struct {
		message Outgoing
		want    string
	}{
		"every field": {Outgoing{ID: []byte(someID), Type: Text, Data: []byte(`{"content":"hi"}`), Timestamp: []byte(`"now"`),
			From: user, HasFrom: true, To: user, HasTo: true},
			`{"id":` + someID + `,"message_type":"text","data":{"content":"hi"},"timestamp":"now","from_user_id":` + quoted + `,"to_user_id":` + quoted + `}`},
		"a name and a topic": {Outgoing{Type: Text, From: user, HasFrom: true, FromName: `a"b`, Topic: []byte("room.7")},
			`{"message_type":"text","data":null,"from_user_id":` + quoted + `,"from_username":"a\"b","topic":"room.7"}`},
		"the least":       {Outgoing{Type: Pong}, `{"message_type":"pong","data":null}`},
		"no data":         {Outgoing{ID: []byte(`"1"`), Type: UserLeft, Timestamp: []byte(`"2"`)}, `{"id":"1","message_type":"user_left","data":null,"timestamp":"2"}`},
		"not meant users": {Outgoing{Type: Error, From: user, To: user, Data: []byte("[]")}, `{"message_type":"error","data":[]}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := string(AppendMessage([]byte("front"), &test.message))
			if got != "front"+test.want || !json.Valid([]byte(got[5:])) {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestAppendEnd(t *testing.T) {
	for seq, want := range map[uint64]string{0: "}", 1: `,"seq":1}`, 1<<64 - 1: `,"seq":18446744073709551615}`} {
		if got := string(AppendEnd(AppendUnended(nil, &Outgoing{Type: Text}), seq)); got != `{"message_type":"text","data":null`+want {
			t.Errorf("%d: %s", seq, got)
		}
	}
}

func TestAppendString(t *testing.T) {
	for s, want := range map[string]string{
		"": `""`, "plain": `"plain"`, `a"b\c/`: `"a\"b\\c/"`, "\x00\x1f\n\x7f": `"\u0000\u001f\u000a` + "\x7f" + `"`,
		"κόσμε €": `"κόσμε €"`, "\xff\xed\xa0\x80": `"` + strings.Repeat("\uFFFD", 4) + `"`, "a\xce": "\"a\uFFFD\"", "\uFFFD": "\"\uFFFD\"",
	} {
		if got := string(AppendString([]byte("front"), s)); got != "front"+want {
			t.Errorf("%q: got %s, want %s", s, got[5:], want)
		}
	}
	for c := range 256 {
		s := "x" + string([]byte{byte(c)}) + "y"
		var back string
		if err := json.Unmarshal(AppendString(nil, s), &back); err != nil || back != strings.ToValidUTF8(s, "\uFFFD") {
			t.Errorf("%q came back as %q: %v", s, back, err)
		}
	}
}

func TestAppendUUID(t *testing.T) {
	id := uuid.MustParse(someUser)
	if got := string(AppendUUID(nil, id)); got != `"`+id.String()+`"` {
		t.Errorf("got %s", got)
	}
}

func FuzzEnvelope(f *testing.F) {
	for _, seed := range []string{
		string(envelopeOfSize(300)), `{"message_type":"text"}`, `{"message_typ\u0065":"t\u0065xt","data":[1,{"a":"\"\\\n"},null,true,-0.5e-7]}`,
		`{"id":"a","id":"b"}`, `{"id":"r","message_type":1}`, `[]`, `"\ud83d\ude00"`, "{\"data\":\"\x01\\n\"}", `{"data":01}`, `{"data":[1,]}`, nested(70),
		`{"message_type":"text","to_user_id":"` + someUser + `","from_user_id":5,"timestamp":"x"}`,
	} {
		f.Add([]byte(seed))
	}
	var p EnvelopeParser
	f.Fuzz(func(t *testing.T, b []byte) {
		var e Envelope
		err := p.Parse(b, &e)
		valid := json.Valid(b)
		if err != nil {
			if valid == (err.Code == "malformed_json") && err.Code != "too_deep" {
				t.Fatalf("valid %v, refused as %s", valid, err.Code)
			}
			if err.RefID != nil && (err.RefID[0] != '"' || !json.Valid(err.RefID)) {
				t.Fatalf("ref %q", err.RefID)
			}
			return
		}
		if !valid {
			t.Fatal("accepted what is not JSON")
		}
		fuzzMembers(t, b, &e)
	})
}

// fuzzMembers wants the standard library to find the same members, and the message to survive being sent on.
func fuzzMembers(t *testing.T, b []byte, e *Envelope) {
	var theirs map[string]json.RawMessage
	if err := json.Unmarshal(b, &theirs); err != nil {
		t.Fatal(err)
	}
	for name, ours := range map[string][]byte{"id": e.ID, "data": e.Data, "timestamp": e.Timestamp} {
		if string(theirs[name]) != string(ours) {
			t.Fatalf("%s: ours %q, theirs %q", name, ours, theirs[name])
		}
	}
	var kind string
	if err := json.Unmarshal(theirs["message_type"], &kind); err != nil || kind != e.Type.String() {
		t.Fatalf("type: ours %v, theirs %q %v", e.Type, kind, err)
	}
	var to *string
	if err := json.Unmarshal(append([]byte("null")[:4-4*min(1, len(theirs["to_user_id"]))], theirs["to_user_id"]...), &to); err != nil || (to != nil) != e.HasTo {
		t.Fatalf("to: ours %v, theirs %v %v", e.HasTo, to, err)
	}
	if to != nil && !strings.EqualFold(*to, uuid.UUID(e.To).String()) {
		t.Fatalf("to: ours %x, theirs %s", e.To, *to)
	}
	sent := AppendMessage(nil, &Outgoing{ID: e.ID, Type: e.Type, Data: e.Data, Timestamp: e.Timestamp, To: e.To, HasTo: e.HasTo})
	var again Envelope
	var p EnvelopeParser
	if err := p.Parse(sent, &again); err != nil || !json.Valid(sent) || utf8.Valid(b) && !utf8.Valid(sent) {
		t.Fatalf("sent %q: %v", sent, err)
	}
}
