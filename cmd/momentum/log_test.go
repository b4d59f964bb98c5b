package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
)

func TestLevelOfEachPart(t *testing.T) {
	for _, tt := range []struct {
		level, levels, part string
		want                slog.Level // the lowest that is written
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
		log := newLogs(c, &bytes.Buffer{}).of(tt.part)
		for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
			for name, log := range map[string]*slog.Logger{"log": log, "With": log.With("k", 1), "WithGroup": log.WithGroup("g")} {
				if got, want := log.Enabled(t.Context(), level), level >= tt.want; got != want {
					t.Errorf("%+v: %s writes %v: %v, want %v", tt, name, level, got, want)
				}
			}
		}
	}
}

func TestEveryLineSaysItsPart(t *testing.T) {
	var out bytes.Buffer
	newLogs(good(t), &out).of("netpoll").Info("up", "reactors", 2)
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("not a terminal, so JSON was due: %v in %q", err, &out)
	}
	if line["part"] != "netpoll" || line["msg"] != "up" || line["reactors"] != 2.0 || line["level"] != "INFO" {
		t.Errorf("%v", line)
	}
}

func TestTextIsPlainWhenItIsNoTerminal(t *testing.T) {
	c := good(t)
	c.LogFormat = "text"
	var out bytes.Buffer
	newLogs(c, &out).of("main").Warn("slow disk")
	if line := out.String(); !strings.Contains(line, "WRN slow disk part=main") || strings.Contains(line, "\x1b") {
		t.Errorf("%q", line)
	}
}
