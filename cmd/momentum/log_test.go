package main

import (
	"log/slog"
	"testing"
)

func TestLevelOfEachPart(t *testing.T) {
	for _, tt := range []struct {
		level, levels, part string
		want                slog.Level
	}{
		{"info", "", "server", slog.LevelInfo},
		{"debug", "", "server", slog.LevelDebug},
		{"info", "server=debug,netpoll=warn", "server", slog.LevelDebug},
		{"info", "server=debug, netpoll=warn", "netpoll", slog.LevelWarn},
		{"error", "server=debug,netpoll=warn", "admin", slog.LevelError},
		{"WARN", "server=Info", "server", slog.LevelInfo},
	} {
		c := good(t)
		c.LogLevel, c.LogLevels = tt.level, tt.levels
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		if got, set := c.Levels()[tt.part]; got != tt.want || !set {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}
