package netpoll

import (
	"bytes"
	"log/slog"
	"testing"
)

func TestGnetLogsErrorsAsErrorsAndTheRestAsDebug(t *testing.T) {
	var lines bytes.Buffer
	var level slog.LevelVar
	level.Set(slog.LevelDebug)
	handler := slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: &level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	g := gnetLog{slog.New(handler)}
	all := func() string {
		lines.Reset()
		g.Debugf("%d", 1)
		g.Infof("%d", 2)
		g.Warnf("%d", 3)
		g.Errorf("%d", 4)
		g.Fatalf("%d", 5)
		return lines.String()
	}
	errors := "level=ERROR msg=4\nlevel=ERROR msg=5\n"
	if got, want := all(), "level=DEBUG msg=1\nlevel=DEBUG msg=2\nlevel=DEBUG msg=3\n"+errors; got != want {
		t.Errorf("at level debug:\n%s", got)
	}
	level.Set(slog.LevelInfo)
	if got := all(); got != errors {
		t.Errorf("at level info:\n%s", got)
	}
}
