package logging

import (
	"io"
	"log/slog"
	"os"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// newHandler returns what makes lines of records. It lets every level through: which line is written is decided by part.
func newHandler(out io.Writer, format string, terminal bool) slog.Handler {
	const all = slog.Level(-1 << 10)
	if format == "text" || format == "auto" && terminal {
		return tint.NewTextHandler(out, &tint.Options{Level: all, TimeFormat: "15:04:05.000", NoColor: !terminal})
	}
	return slog.NewJSONHandler(out, &slog.HandlerOptions{Level: all})
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
