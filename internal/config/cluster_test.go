package config

import (
	"strings"
	"testing"
)

func TestSettingsOfAClusterAreChecked(t *testing.T) {
	for _, tt := range []struct{ url, prefix, name, want string }{
		{"", "mo", "", ""},
		{"redis://127.0.0.1:6379", "mo", "a.example:8000", ""},
		{"http://127.0.0.1:6379", "mo", "", "REDIS_URL (--redis-url): "},
		{"redis://127.0.0.1:6379", "", "", "REDIS_PREFIX (--redis-prefix) must have"},
		{"redis://127.0.0.1:6379", "{mo}", "", "REDIS_PREFIX (--redis-prefix) must have"},
		{"redis://127.0.0.1:6379", "mo", "two words", "NODE_NAME (--node-name) must have"},
	} {
		err := clusterFault(tt.url, tt.prefix, tt.name)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}
