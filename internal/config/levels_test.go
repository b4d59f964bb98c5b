package config

import (
	"log/slog"
	"testing"
)

func TestAPartHasItsOwnLevelOrTheCommonOne(t *testing.T) {
	c := good(t)
	c.LogLevel, c.LogLevels = "warn", " server=debug,netpoll = error ,"
	wantWords(t, c.Validate(), "LOG_LEVELS", `"netpoll = error"`)
	c.LogLevels = "server=debug, netpoll=error,"
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	levels := c.Levels()
	for _, part := range LogParts() {
		want := slog.LevelWarn
		switch part {
		case "server":
			want = slog.LevelDebug
		case "netpoll":
			want = slog.LevelError
		}
		if levels[part] != want {
			t.Errorf("the level of %s is %v, want %v", part, levels[part], want)
		}
	}
}
