package load

import (
	"encoding/json"
	"testing"
)

func TestTagsAreReadAsWritten(t *testing.T) {
	want := tag{run: 1<<63 - 1, seq: 1<<32 - 1, from: 14999, sent: 1 << 60}
	for _, to := range []string{"", "99f92b8c-4761-5226-8260-a7816be34219"} {
		text := appendMessage(nil, want, to, "2024-01-01T00:00:00Z")
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil || m["message_type"] != "text" || to != "" && m["to_user_id"] != to {
			t.Fatalf("%s: %v", text, err)
		}
		if got, ok := readTag(text); !ok || got != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
	for _, text := range []string{"", `"data":{"seq":`, `"data":{"seq":1,"from":`, `"data":{"seq":x,"from":1,"sent":1,"run":1}`, `"data":{"seq":1,"from":1,"sent":1,"run":1`} {
		if _, ok := readTag([]byte(text)); ok {
			t.Errorf("%q is read as a tag", text)
		}
	}
}

func TestCodesOfErrorMessagesAreRead(t *testing.T) {
	for text, want := range map[string]string{
		`{"message_type":"error","data":{"code":"rate_limited","message":"slow down"}}`: "rate_limited",
		`{"message_type":"error","data":null}`:                                          "unreadable",
		`{"message_type":"user_joined","data":{"code":"x"}}`:                            "",
	} {
		if got := errorCode([]byte(text)); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}
