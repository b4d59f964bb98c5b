package protocol

import (
	"strings"
	"testing"
)

func TestAListingThatIsAskedFor(t *testing.T) {
	for data, want := range map[string]Listing{
		"":                   {Limit: 1000},
		"null":               {Limit: 1000},
		"{}":                 {Limit: 1000},
		`{"colour":1}`:       {Limit: 1000},
		`{"limit":1}`:        {Limit: 1},
		`{"topic":"room.7"}`: {Topic: "room.7", Limit: 1000},
		`{"after":""}`:       {Limit: 1000},
		`{"after":"1.7","limit":1000,"topic":"\u0061"}`: {Topic: "a", After: "1.7", Limit: 1000},
	} {
		var p EnvelopeParser
		if got, ok := p.Listing([]byte(data)); !ok || got != want {
			t.Errorf("%s: %+v, %v", data, got, ok)
		}
	}
	for _, data := range []string{
		`[]`, `"news"`, `7`, `{"topic":""}`, `{"topic":"a b"}`, `{"topic":null}`, `{"topic":1}`, `{"after":1}`, `{"after":null}`,
		`{"limit":0}`, `{"limit":1001}`, `{"limit":-1}`, `{"limit":1.5}`, `{"limit":"1"}`, `{"limit":null}`, `{"limit":99999999999999999999}`,
		`{"topic":"a b","limit":1,"after":"x"}`, `{"after":"` + strings.Repeat("x", 65) + `"}`, `{"colour":"` + strings.Repeat("x", 1024) + `"}`,
	} {
		var p EnvelopeParser
		if got, ok := p.Listing([]byte(data)); ok {
			t.Errorf("%.60s is accepted as %+v", data, got)
		}
	}
}

// FuzzListing holds that what is accepted is within the limits.
func FuzzListing(f *testing.F) {
	for _, seed := range []string{`{"topic":"room.7","after":"1.7","limit":10}`, `null`, `{"limit":1e3}`, `{"topic":"\u0061"}`, `{"after":"\ud800"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p EnvelopeParser
		w, ok := p.Listing(data)
		if ok && (w.Limit < 1 || w.Limit > MaxUsersAtOnce || w.Topic != "" && !ValidTopic(w.Topic) || len(w.After) > maxCursorBytes) {
			t.Errorf("%q: %+v", data, w)
		}
	})
}
