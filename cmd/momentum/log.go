package main

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// logParts are the parts of the server that have a level of their own. A name that is not here is refused: a
// level for a misspelt part would otherwise do nothing, without a word.
var logParts = []string{"main", "server", "netpoll", "auth", "directory", "admin"}

// logFormats are the ways a log line can be written.
var logFormats = []string{"auto", "text", "json"}

// Levels returns the log level of each part. The configuration must have passed Validate.
func (c *Config) Levels() map[string]slog.Level {
	level, _ := parseLevel(c.LogLevel)
	levels, _ := parseLevels(c.LogLevels)
	for _, part := range logParts {
		if _, own := levels[part]; !own {
			levels[part] = level
		}
	}
	return levels
}

func parseLevel(text string) (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return 0, fmt.Errorf("%q is no level: write debug, info, warn or error", text)
	}
	return level, nil
}

// parseLevels reads part=level pairs with commas between them, or returns what is wrong with each.
func parseLevels(text string) (map[string]slog.Level, error) {
	levels := make(map[string]slog.Level)
	var problems []error
	for pair := range strings.SplitSeq(text, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		part, word, _ := strings.Cut(pair, "=")
		level, err := parseLevel(word)
		if !slices.Contains(logParts, part) {
			err = fmt.Errorf("there is no such part: write PART=LEVEL, where PART is one of %s", strings.Join(logParts, ", "))
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("LOG_LEVELS (--log-levels) has %q: %w", pair, err))
		}
		levels[part] = level
	}
	return levels, errors.Join(problems...)
}
