package server

import (
	"encoding/json"
	"testing"

	"momentum/server/stats"
)

func TestTopicListIsValidJSON(t *testing.T) {
	var l topicList
	if l.begin(); !l.empty() || !json.Valid(l.end()) {
		t.Errorf("an empty list is %s", l.end())
	}
	l.begin()
	l.add("news", 7, "k3x9", &position{}, 0)
	l.add("room", 8, "k3x9", &position{asked: true}, 3)
	l.add("old", 9, "k3x9", &position{asked: true, outcome: stats.Expired}, 0)
	l.refuse(`a"b`, "bad_topic")
	l.name("gone")
	const want = `{"topics":[{"topic":"news","seq":7,"epoch":"k3x9"},{"topic":"room","seq":8,"epoch":"k3x9","resumed":true,"missed":3},` +
		`{"topic":"old","seq":9,"epoch":"k3x9","resumed":false,"reason":"expired"},{"topic":"a\"b","error":"bad_topic"},{"topic":"gone"}]}`
	if got := string(l.end()); got != want || !json.Valid([]byte(got)) || l.empty() {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
