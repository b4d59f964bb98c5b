package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	coder "github.com/coder/websocket"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"momentum/server/auth"
)

// describedMessages compiles the payloads of docs/asyncapi.yaml, by the name of the message, and lists the messages that a
// client may send and those that it may receive.
func describedMessages(t *testing.T) (payloads map[string]*jsonschema.Schema, said, heard []string) {
	t.Helper()
	doc := asyncDocument(t)
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("asyncapi.json", doc); err != nil {
		t.Fatal(err)
	}
	components := doc.(map[string]any)["components"].(map[string]any)
	payloads = make(map[string]*jsonschema.Schema)
	for name := range components["messages"].(map[string]any) {
		schema, err := compiler.Compile("asyncapi.json#/components/messages/" + name + "/payload")
		if err != nil {
			t.Fatal(err)
		}
		payloads[name] = schema
	}
	for name, it := range doc.(map[string]any)["operations"].(map[string]any) {
		for _, reference := range it.(map[string]any)["messages"].([]any) {
			message := filepath.Base(reference.(map[string]any)["$ref"].(string))
			if payloads[message] == nil {
				t.Errorf("the operation %s names a message %s that does not exist", name, message)
			}
			if it.(map[string]any)["action"] == "receive" {
				said = append(said, message)
			} else {
				heard = append(heard, message)
			}
		}
	}
	if len(said)+len(heard) != len(payloads) {
		t.Errorf("%d messages are described, and operations have %d", len(payloads), len(said)+len(heard))
	}
	return payloads, said, heard
}

// asyncDocument reads docs/asyncapi.yaml into values of the types that JSON has.
func asyncDocument(t *testing.T) any {
	t.Helper()
	text, err := os.ReadFile("../../docs/asyncapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]any
	if err := yaml.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return asJSON(t, read)
}

func asJSON(t *testing.T, value any) any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestAsyncAPIIsOne validates docs/asyncapi.yaml with AsyncAPI's own schema, and checks that the schema finds a mistake.
func TestAsyncAPIIsOne(t *testing.T) {
	text, err := os.ReadFile("testdata/asyncapi-3.0.0.json")
	if err != nil {
		t.Fatal(err)
	}
	official, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("asyncapi-3.0.0.json", official); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("asyncapi-3.0.0.json")
	if err != nil {
		t.Fatal(err)
	}
	doc := asyncDocument(t).(map[string]any)
	if err := schema.Validate(doc); err != nil {
		t.Errorf("%v", err)
	}
	doc["operations"].(map[string]any)["tell"].(map[string]any)["action"] = "shout"
	if schema.Validate(doc) == nil {
		t.Error("AsyncAPI's schema passes an action that does not exist")
	}
}

// wantDescribed checks that a message is valid for exactly one of the descriptions: the one of its message_type.
func wantDescribed(t *testing.T, payloads map[string]*jsonschema.Schema, names []string, message string, seen map[string]bool) {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(message))
	if err != nil {
		t.Errorf("%v: %s", err, message)
		return
	}
	var matched []string
	var problems []string
	for _, name := range names {
		if err := payloads[name].Validate(parsed); err == nil {
			matched = append(matched, name)
			seen[name] = true
		} else {
			problems = append(problems, err.Error())
		}
	}
	if len(matched) != 1 {
		t.Errorf("%s is described by %q:\n%s", message, matched, strings.Join(problems, "\n"))
	}
}

// TestAsyncAPIDescribesGoldenConversations validates every message to a client in the server's golden conversations. Every type of
// message and every mistake occurs there.
func TestAsyncAPIDescribesGoldenConversations(t *testing.T) {
	payloads, _, heard := describedMessages(t)
	seen := make(map[string]bool)
	files, err := filepath.Glob("../../server/testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	message := regexp.MustCompile(`(?m)^ +[a-z0-9_]+ < (\{"id":.*\})$`)
	user := regexp.MustCompile(`<[a-z0-9]+>`) // stands for a user's id
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range message.FindAllStringSubmatch(string(text), -1) {
			known := strings.ReplaceAll(found[1], `"<epoch>"`, `"k3x9"`)
			whole := user.ReplaceAllString(known, `df6bd6a9-4e92-5b06-9a5f-d0e514223fe9`)
			wantDescribed(t, payloads, heard, whole, seen)
		}
	}
	for _, name := range heard {
		if !seen[name] && name != "presence" && name != "gap" && name != "position" {
			// they need many users, many messages, or other nodes: TestAsyncAPIDescribesPresence, TestASlowReplayHasAGap, TestAsyncAPIDescribesPositions
			t.Errorf("no conversation has a %s", name)
		}
	}
}

// TestAsyncAPIDescribesAConversation validates both sides of a conversation with a served node.
func TestAsyncAPIDescribesAConversation(t *testing.T) {
	payloads, said, heard := describedMessages(t)
	s := serve(t)
	seen := make(map[string]bool)
	alice, bob := s.dialPlain(t, "alice"), s.dialPlain(t, "bob")
	bobID := `"` + bob.id + `"`
	for _, message := range []string{
		`{"message_type":"text","data":{"content":"Hello everyone!"}}`,
		`{"message_type":"notification","data":"noon","to_user_id":` + bobID + `}`,
		`{"id":"p","message_type":"ping","data":{},"timestamp":"2024-01-01T00:00:00Z","to_user_id":null,"from_user_id":7}`,
		`{"id":"a","message_type":"text","ack":true,"to_user_id":` + bobID + `}`,
		`{"id":"w","message_type":"who","data":{"limit":10}}`,
		`{"id":"r","message_type":"refresh","data":{"token":"` + signFor(t, "alice") + `"}}`,
	} {
		wantDescribed(t, payloads, said, message, seen)
		alice.write(t, message)
	}
	for _, mistake := range []string{
		`{"id":"e","message_type":"shout"}`, `{"data":1}`, `{"message_type":7}`, `[]`, `{"message_type":"text","to_user_id":"bob"}`,
		`{"message_type":"refresh","data":{}}`, `{"message_type":"text","ack":true}`, `{"id":"e","message_type":"text","ack":1}`,
	} {
		if parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(mistake)); err != nil {
			t.Fatal(err)
		} else {
			for _, name := range said {
				if payloads[name].Validate(parsed) == nil {
					t.Errorf("the description of %s allows %s, which the server does not", name, mistake)
				}
			}
		}
		alice.write(t, mistake)
	}
	alice.write(t, `{"id":"last","message_type":"ping"}`)
	until := func(c *plain, all ...string) { // in any order
		t.Helper()
		for len(all) > 0 {
			message := c.next(t)
			wantDescribed(t, payloads, heard, message, seen)
			all = slices.DeleteFunc(all, func(what string) bool { return strings.Contains(message, what) })
		}
	}
	until(alice, `"id":"r"`, `"id":"last"`) // by then the server has handled all of alice's messages
	if status, body := ask(t, "POST", "http://"+s.admin+"/ws/broadcast", `{"message_type":"system_message","data":null}`); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	for _, c := range []*plain{alice, bob} {
		until(c, `"system_message"`)
	}
	for _, want := range []string{"delivered_text", "delivered_notification", "system_message", "pong", "ack", "user_joined", "error", "refreshed", "answered_who"} {
		if !seen[want] {
			t.Errorf("no client received a %s", want)
		}
	}
}

// TestAsyncAPIDescribesPresence has so many users connect that the server sends summaries.
func TestAsyncAPIDescribesPresence(t *testing.T) {
	const crowd = 70 // more than are announced one by one
	payloads, _, heard := describedMessages(t)
	s := serve(t)
	seen := make(map[string]bool)
	alice := s.dialPlain(t, "alice")
	for i := range crowd {
		s.dialPlain(t, fmt.Sprint("user ", i))
	}
	for !seen["presence"] {
		wantDescribed(t, payloads, heard, alice.next(t), seen)
	}
}

// plain is a client that reads and writes unparsed text.
type plain struct {
	id string
	c  *coder.Conn
}

func (s *serving) dialPlain(t *testing.T, name string) *plain {
	t.Helper()
	token := signFor(t, name)
	c, _, err := coder.Dial(t.Context(), "ws://"+s.ws+"/ws", &coder.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	return &plain{auth.UserID(name).String(), c} // as signFor has it
}

func (p *plain) write(t *testing.T, message string) {
	t.Helper()
	if err := p.c.Write(t.Context(), coder.MessageText, []byte(message)); err != nil {
		t.Fatal(err)
	}
}

func (p *plain) next(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	_, message, err := p.c.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return string(message)
}
