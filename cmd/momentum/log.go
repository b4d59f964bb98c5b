package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// logParts are the parts of the server that have a level of their own. A name that is not here is refused: a
// level for a misspelt part would otherwise do nothing, without a word.
var logParts = []string{"main", "server", "netpoll", "auth", "directory", "admin"}

// logFormats are the ways a log line can be written.
var logFormats = []string{"auto", "text", "json"}

// logs makes the logger of each part, whose level can change while it is in use.
type logs struct {
	writer slog.Handler
	levels map[string]*slog.LevelVar // by part
}

// newLogs returns logs that write to out; every line says its part. The configuration must have passed Validate.
func newLogs(c *Config, out io.Writer) *logs {
	l := &logs{newLogWriter(c.LogFormat, out), make(map[string]*slog.LevelVar)}
	for _, part := range logParts {
		l.levels[part] = new(slog.LevelVar)
	}
	l.setLevels(c)
	return l
}

// setLevels puts the levels of a configuration that has passed Validate in force.
func (l *logs) setLevels(c *Config) {
	level, _ := parseLevel(c.LogLevel)
	levels, _ := parseLevels(c.LogLevels)
	for part, least := range l.levels {
		if own, ok := levels[part]; ok {
			least.Set(own)
			continue
		}
		least.Set(level)
	}
}

// of returns the logger of one of logParts.
func (l *logs) of(part string) *slog.Logger {
	return slog.New(leveled{l.writer, l.levels[part]}).With("part", part)
}

// newLogWriter lets every level through: which line is written is decided by part.
func newLogWriter(format string, out io.Writer) slog.Handler {
	const all = slog.Level(-1 << 10)
	file, _ := out.(*os.File)
	terminal := file != nil && term.IsTerminal(int(file.Fd()))
	if format == "text" || format == "auto" && terminal {
		return tint.NewTextHandler(out, &tint.Options{Level: all, TimeFormat: "15:04:05.000", NoColor: !terminal})
	}
	return slog.NewJSONHandler(out, &slog.HandlerOptions{Level: all})
}

// leveled passes on what is at least as grave as least. Each part has one, over the one writer they share.
type leveled struct {
	slog.Handler
	least *slog.LevelVar
}

// Enabled says whether a line of this level is written.
func (l leveled) Enabled(_ context.Context, level slog.Level) bool { return level >= l.least.Level() }

// WithAttrs keeps the level, which the embedded handler's own method would lose.
func (l leveled) WithAttrs(attrs []slog.Attr) slog.Handler {
	return leveled{l.Handler.WithAttrs(attrs), l.least}
}

// WithGroup keeps the level likewise.
func (l leveled) WithGroup(name string) slog.Handler {
	return leveled{l.Handler.WithGroup(name), l.least}
}

func parseLevel(text string) (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return 0, fmt.Errorf("%q is no level: write debug, info, warn or error", text)
	}
	return level, nil
}

// parseLevels reads part=level pairs with commas between them, or says what is wrong with each.
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
