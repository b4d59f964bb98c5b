package logging

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// newHandler returns a handler that formats records. It lets every level through: Logs filters by part.
func newHandler(out io.Writer, format string, terminal bool) slog.Handler {
	const all = slog.Level(-1 << 10)
	if format == "text" || format == "auto" && terminal {
		return tint.NewTextHandler(out, &tint.Options{Level: all, TimeFormat: "15:04:05.000", NoColor: !terminal, ReplaceAttr: readable})
	}
	return slog.NewJSONHandler(out, &slog.HandlerOptions{Level: all, ReplaceAttr: readable})
}

// naming adds the name of the node to each record, if it has one.
func naming(h slog.Handler, node string) slog.Handler {
	if node == "" {
		return h
	}
	return h.WithAttrs([]slog.Attr{slog.String("node", node)})
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// readable gives an attribute the same key and value in each format: a duration becomes milliseconds, with the unit in
// the key, and a value that has a name, such as the reason of a close, becomes its name. slog would write both as bare
// numbers in JSON.
func readable(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindDuration:
		return slog.Int64(a.Key+"_ms", a.Value.Duration().Milliseconds())
	case slog.KindAny:
		switch v := a.Value.Any().(type) {
		case slog.Level, error: // the handlers write both by name
		case fmt.Stringer:
			return slog.String(a.Key, fmt.Sprint(v)) // which survives a nil pointer
		}
	}
	return a
}
