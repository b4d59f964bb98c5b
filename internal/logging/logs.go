package logging

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"time"
)

// Logs makes the logger of each part of the process. The level of a part can change while its logger is in use.
type Logs struct {
	*Writer
	handler slog.Handler
	levels  map[string]*slog.LevelVar // by part
}

// New returns logs that write to out. The format is text, json, or auto: text on a terminal, JSON everywhere else. Each line names
// the node, unless node is empty. levels has the level of each part.
func New(out io.Writer, format, node string, levels map[string]slog.Level) *Logs {
	l := &Logs{levels: make(map[string]*slog.LevelVar)}
	for part := range levels {
		l.levels[part] = new(slog.LevelVar)
	}
	l.SetLevels(levels)
	terminal := isTerminal(out)
	handler := func(out io.Writer) slog.Handler { return naming(newHandler(out, format, terminal), node) }
	l.Writer = newWriter(out, func(dropped uint64) []byte { return droppedLine(handler, dropped) })
	l.handler = handler(l.Writer)
	return l
}

// SetLevels puts other levels in force, of the parts that New was given.
func (l *Logs) SetLevels(levels map[string]slog.Level) {
	for part, level := range levels {
		l.levels[part].Set(level)
	}
}

// Of returns the logger of one part. Each of its lines says the part.
func (l *Logs) Of(part string) *slog.Logger {
	return slog.New(leveled{l.handler, l.levels[part]}).With(partKey, part)
}

// partKey is the attribute that says which part a line is from.
const partKey = "part"

// droppedLine is the line that stands in the log where lines are missing, whatever the levels are.
func droppedLine(handler func(io.Writer) slog.Handler, dropped uint64) []byte {
	var line bytes.Buffer
	r := slog.NewRecord(time.Now(), slog.LevelWarn, "log lines were dropped, because the reader of the log did not take them", 0)
	r.Add(partKey, "main", "lines", dropped)
	_ = handler(&line).Handle(context.Background(), r)
	return line.Bytes()
}

// leveled passes on the lines of at least one level. Each part has its own, over the one handler that they share.
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
