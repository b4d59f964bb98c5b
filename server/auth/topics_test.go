package auth

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestPatternsMatchTopics(t *testing.T) {
	user := uuid.MustParse("7b0e8c9a-54b4-4d0c-8c0f-3f0d6c0f2a11")
	for _, tt := range []struct {
		pattern, topic string
		want           bool
	}{
		{"news", "news", true}, {"news", "news2", false}, {"news", "new", false}, {"news", "News", false},
		{"room.*", "room.7", true}, {"room.*", "room.", true}, {"room.*", "room", false}, {"room.*", "rooms", false},
		{"*", "anything", true}, {"a*b", "axb", false},
		{"inbox.${user_id}", "inbox." + user.String(), true},
		{"inbox.${user_id}", "inbox.7b0e8c9a-54b4-4d0c-8c0f-3f0d6c0f2a12", false},
		{"inbox.${user_id}", "inbox.${user_id}", false}, {"inbox.${user_id}", "inbox.", false},
		{"${user_id}.*", user.String() + ".x", true}, {"${user_id}.*", "x." + user.String(), false},
		{"a.${user_id}.b.${user_id}", "a." + user.String() + ".b." + user.String(), true},
	} {
		if got := Matches([]string{"other", tt.pattern}, tt.topic, user); got != tt.want {
			t.Errorf("%s matches %s: %v", tt.pattern, tt.topic, got)
		}
	}
	if Matches(nil, "news", user) {
		t.Error("no pattern matches a topic")
	}
	if got := Expand("inbox.${user_id}", user); got != "inbox."+user.String() {
		t.Errorf("it is expanded to %s", got)
	}
}

func TestTopicsInClaims(t *testing.T) {
	for text, want := range map[string]*Topics{
		`{"subscribe":["news","room.*"],"publish":["room.*"],"join":["news"]}`: {Subscribe: []string{"news", "room.*"}, Publish: []string{"room.*"}, Join: []string{"news"}},
		`{}`: {}, `null`: nil, `{"subscribe":[]}`: {}, `{"x":1,"join":["inbox.${user_id}"]}`: {Join: []string{"inbox.${user_id}"}},
	} {
		var p payload
		if fault := p.decode([]byte(claims(`,"topics":` + text))); fault != nil || fmt.Sprint(p.Topics) != fmt.Sprint(want) || (p.Topics == nil) != (want == nil) {
			t.Errorf("%s: %v, %v", text, p.Topics, fault)
		}
	}
	long := strings.Repeat("a", maxPatternBytes+1)
	many := strings.Repeat(`"a",`, maxPatterns) + `"a"`
	for _, text := range []string{
		`[]`, `"news"`, `1`, `{"subscribe":"news"}`, `{"subscribe":[1]}`, `{"subscribe":[""]}`, `{"subscribe":["a b"]}`, `{"subscribe":["a*b"]}`,
		`{"subscribe":["$user_id"]}`, `{"subscribe":["` + long + `"]}`, `{"subscribe":[` + many + `]}`, `{"join":["a"],"join":["b"]}`,
	} {
		var p payload
		if fault := p.decode([]byte(claims(`,"topics":` + text))); fault == nil {
			t.Errorf("%.60s is accepted as %v", text, p.Topics)
		}
	}
}

func TestSignedTopicsAreVerified(t *testing.T) {
	want := Topics{Subscribe: []string{"a.*"}, Publish: []string{"b"}, Join: []string{"inbox.${user_id}"}}
	token, err := Sign(testSecret, Claims{UserID: uuid.UUID{1}, Username: "alice", ExpiresAt: testNow + 60, Topics: &want})
	if err != nil {
		t.Fatal(err)
	}
	if got := wantCode(t, token, ""); got.Topics == nil || !reflect.DeepEqual(*got.Topics, want) {
		t.Errorf("%+v", got.Topics)
	}
}

// FuzzTopics holds that no claim makes the decoder fail, and that what it accepts has only valid patterns.
func FuzzTopics(f *testing.F) {
	for _, seed := range []string{`{"subscribe":["news","room.*"],"publish":["room.*"],"join":["news"]}`, `{"join":["${user_id}*"]}`, `[]`, `{"subscribe":[[]]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var p payload
		if fault := p.decode([]byte(claims(`,"topics":` + text))); fault != nil || p.Topics == nil {
			return
		}
		for _, list := range [][]string{p.Topics.Subscribe, p.Topics.Publish, p.Topics.Join} {
			for _, pattern := range list {
				if !validPattern(pattern) || len(list) > maxPatterns {
					t.Errorf("%q is taken as %q", text, pattern)
				}
				Matches(list, strings.TrimSuffix(pattern, "*"), p.UserID)
			}
		}
	})
}

// TestParsedTopicsAreChecked reads the claim as a person writes it.
func TestParsedTopicsAreChecked(t *testing.T) {
	got, err := ParseTopics(` {"subscribe":["news","room.*"], "join":["inbox.${user_id}"],"publish":[]} `)
	if err != nil || fmt.Sprint(*got) != "{[news room.*] [] [inbox.${user_id}]}" {
		t.Errorf("the claim is read as %+v: %v", got, err)
	}
	for _, text := range []string{
		"", "null", "news", `["news"]`, `{"subscribe":"news"}`, `{"subscribe":["a b"]}`, `{"subscribe":[""]}`, `{"subscribes":["news"]}`,
		`{"Subscribe":["news"]}`, `{"subscribe":["news"]`, `{"subscribe":["news"]} {}`, `{"subscribe":["a"],"subscribe":["b"]}`,
		`{"subscribe":["` + strings.Repeat("a", maxPatternBytes+1) + `"]}`,
	} {
		if got, err := ParseTopics(text); err == nil {
			t.Errorf("%s is read as %+v", text, got)
		}
	}
}
