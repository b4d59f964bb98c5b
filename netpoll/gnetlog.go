package netpoll

import (
	"context"
	"fmt"
	"log/slog"
)

// gnetLog brings gnet's log lines into ours, at debug level except for errors: we log ourselves what concerns an operator.
type gnetLog struct{ log *slog.Logger }

func (g gnetLog) write(level slog.Level, format string, args []any) {
	if g.log.Enabled(context.Background(), level) {
		g.log.Log(context.Background(), level, fmt.Sprintf(format, args...))
	}
}

// Debugf logs at debug level.
func (g gnetLog) Debugf(format string, args ...any) { g.write(slog.LevelDebug, format, args) }

// Infof logs at debug level: gnet reports each start and stop of a loop.
func (g gnetLog) Infof(format string, args ...any) { g.write(slog.LevelDebug, format, args) }

// Warnf logs at debug level: gnet warns of each stale event.
func (g gnetLog) Warnf(format string, args ...any) { g.write(slog.LevelDebug, format, args) }

// Errorf logs at error level.
func (g gnetLog) Errorf(format string, args ...any) { g.write(slog.LevelError, format, args) }

// Fatalf logs at error level. A library does not decide to end the process.
func (g gnetLog) Fatalf(format string, args ...any) { g.write(slog.LevelError, format, args) }
