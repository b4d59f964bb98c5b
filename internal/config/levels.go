package config

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// LogParts returns the parts of the server that have a log level of their own. A level for any other name is refused:
// a level for a misspelt part would have no effect.
func LogParts() []string {
	return []string{"main", "server", "netpoll", "auth", "directory", "cluster", "admin", "traces"}
}

// logFormats are the ways a log line can be written.
var logFormats = []string{"auto", "text", "json"}

// Levels returns the log level of each part. The configuration must have passed Validate.
func (c *Config) Levels() map[string]slog.Level {
	level, _ := parseLevel(c.LogLevel)
	levels, _ := parseLevels(c.LogLevels)
	for _, part := range LogParts() {
		if _, own := levels[part]; !own {
			levels[part] = level
		}
	}
	return levels
}

func (c *Config) validateLogs() error {
	var problems []error
	if _, err := parseLevel(c.LogLevel); err != nil {
		problems = append(problems, fmt.Errorf("LOG_LEVEL (--log-level): %w", err))
	}
	if _, err := parseLevels(c.LogLevels); err != nil {
		problems = append(problems, err)
	}
	if !slices.Contains(logFormats, c.LogFormat) {
		problems = append(problems, fmt.Errorf("LOG_FORMAT (--log-format) is %q: write %s or %s", c.LogFormat, strings.Join(logFormats[:2], ", "), logFormats[2]))
	}
	return errors.Join(problems...)
}

func parseLevel(text string) (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return 0, fmt.Errorf("%q is not a level: write debug, info, warn or error", text)
	}
	return level, nil
}

// parseLevels reads part=level pairs with commas between them, or returns the fault of each.
func parseLevels(text string) (map[string]slog.Level, error) {
	levels := make(map[string]slog.Level)
	var problems []error
	for pair := range strings.SplitSeq(text, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		part, word, found := strings.Cut(pair, "=")
		level, err := parseLevel(word)
		switch {
		case !slices.Contains(LogParts(), part):
			err = fmt.Errorf("the server has no part %q: write PART=LEVEL, where PART is one of %s", part, strings.Join(LogParts(), ", "))
		case !found:
			err = fmt.Errorf("write a level too, such as %s=debug", part)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("LOG_LEVELS (--log-levels) has %q: %w", pair, err))
		}
		levels[part] = level
	}
	return levels, errors.Join(problems...)
}
