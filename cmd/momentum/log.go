package main

import (
	"context"
	"io"
	"log/slog"
	"os"

	"github.com/lmittmann/tint"
	"golang.org/x/term"

	"momentum/internal/config"
)

// logs makes the logger of each part, whose level can change while it is in use.
type logs struct {
	writer slog.Handler
	levels map[string]*slog.LevelVar // by part
}

// newLogs returns logs that write to out; every line says its part. The configuration must have passed Validate.
func newLogs(c *config.Config, out io.Writer) *logs {
	l := &logs{newLogWriter(c.LogFormat, out), make(map[string]*slog.LevelVar)}
	for _, part := range config.LogParts() {
		l.levels[part] = new(slog.LevelVar)
	}
	l.setLevels(c)
	return l
}

// setLevels puts the levels of a configuration that has passed Validate in force.
func (l *logs) setLevels(c *config.Config) {
	levels := c.Levels()
	for part, least := range l.levels {
		least.Set(levels[part])
	}
}

// of returns the logger of one of config.LogParts.
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
