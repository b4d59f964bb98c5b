package config

import (
	"fmt"

	"momentum/server/auth"
)

// DefaultTopics returns what a token without the claim topics allows. The configuration must have passed Validate.
func (c *Config) DefaultTopics() *auth.Topics {
	any := []string{"*"}
	switch c.topicsDefault() {
	case "subscribe":
		return &auth.Topics{Subscribe: any}
	case "all":
		return &auth.Topics{Subscribe: any, Publish: any}
	}
	return &auth.Topics{}
}

// topicsDefault returns the setting, or its default for the mode.
func (c *Config) topicsDefault() string {
	switch {
	case c.TopicsDefault != "":
		return c.TopicsDefault
	case c.Dev:
		return "all"
	}
	return "none"
}

func (c *Config) validateTopics() error {
	switch c.topicsDefault() {
	case "none", "subscribe", "all":
		return nil
	}
	return fmt.Errorf("TOPICS_DEFAULT (--topics-default) is %q: write none, subscribe or all", c.TopicsDefault)
}
