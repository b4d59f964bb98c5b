package protocol

import (
	"strings"
	"testing"
)

func TestValidTopic(t *testing.T) {
	for name, want := range map[string]bool{
		"news": true, "room.7": true, "a:b_c-D.9": true, strings.Repeat("t", 128): true,
		"": false, "room 7": false, "room/7": false, "room.*": false, "caf\u00e9": false, "a\x00": false, strings.Repeat("t", 129): false,
	} {
		if ValidTopic(name) != want || ValidTopic([]byte(name)) != want {
			t.Errorf("%q is valid: %v", name, !want)
		}
	}
}
