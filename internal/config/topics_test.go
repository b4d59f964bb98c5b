package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestTopicsDefaultSaysWhatATokenWithoutTheClaimAllows(t *testing.T) {
	for _, tt := range []struct {
		setting string
		dev     bool
		want    string
	}{
		{"", false, "&{[] [] []}"}, {"", true, "&{[*] [*] []}"}, {"none", true, "&{[] [] []}"},
		{"subscribe", false, "&{[*] [] []}"}, {"all", false, "&{[*] [*] []}"},
	} {
		c := good(t)
		c.TopicsDefault, c.Dev = tt.setting, tt.dev
		if got := fmt.Sprint(c.DefaultTopics()); got != tt.want || c.validateTopics() != nil {
			t.Errorf("%q in development mode %v: %s, %v", tt.setting, tt.dev, got, c.validateTopics())
		}
	}
	c := good(t)
	c.TopicsDefault = "publish"
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "TOPICS_DEFAULT") {
		t.Errorf("the error is %v", err)
	}
}
