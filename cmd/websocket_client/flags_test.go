package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"momentum/internal/output"
)

var nowhere = streams{strings.NewReader(""), output.NewStream(io.Discard), io.Discard}

func TestAllSpellingsOfABooleanFlag(t *testing.T) {
	for args, want := range map[string]time.Duration{
		"":                                   autoPingInterval,
		"--no-auto-ping":                     0,
		"--no-auto-ping true":                0,
		"--no-auto-ping=true":                0,
		"--no-auto-ping=1":                   0,
		"--no-auto-ping false":               autoPingInterval,
		"--no-auto-ping=false":               autoPingInterval,
		"--no-auto-ping FALSE":               autoPingInterval,
		"--no-auto-ping --username x":        0,
		"--no-auto-ping false --username x":  autoPingInterval,
		"--username x --no-auto-ping":        0,
		"--benchmark --no-auto-ping":         0,
		"--benchmark true --no-auto-ping no": autoPingInterval,
	} {
		f, err := parseFlags(strings.Fields(args), nowhere)
		if err != nil {
			t.Errorf("%q: %v", args, err)
			continue
		}
		if got := f.autoPing(); got != want {
			t.Errorf("%q: automatic ping each %v, want %v", args, got, want)
		}
		if strings.Contains(args, "--username") != (f.Username == "x") || strings.Contains(args, "--benchmark") != bool(f.Benchmark) {
			t.Errorf("%q: %+v", args, f)
		}
	}
}

func TestDefaults(t *testing.T) {
	f, err := parseFlags(nil, nowhere)
	if err != nil {
		t.Fatal(err)
	}
	if want := (flags{URL: "ws://127.0.0.1:8000/ws", Username: "guest", Messages: 100, Interval: 100}); *f != want {
		t.Errorf("%+v", *f)
	}
}

func TestNumbersInFlagsAreDecimal(t *testing.T) {
	f, err := parseFlags([]string{"--messages", "0100", "--interval=010"}, nowhere)
	if err != nil || f.Messages != 100 || f.Interval != 10 {
		t.Errorf("%+v %v", f, err)
	}
}

func TestWrongCommandLinesAreExplained(t *testing.T) {
	for args, want := range map[string]string{
		"--no-auto-ping=maybe":              `"maybe" is neither true nor false`,
		"--no-auto-ping maybe":              "unexpected argument maybe",
		"--url localhost":                   "--url must look like ws://",
		"--url ftp://localhost":             "--url must look like ws://",
		"--url ws://a/ws?token=x --token y": "give one",
		"--benchmark --messages 0":          "--messages must be at least 1",
		"--benchmark --interval -1":         "--interval",
		"--interval=-1":                     "--interval must be 0 or more",
		"--messages many":                   "--messages",
		"--shout":                           "unknown flag --shout",
	} {
		wantOutcome(t, client(t, "", strings.Fields(args)...), exitUsage, "", want)
	}
}

func TestHelpListsTheFlagsAndSucceeds(t *testing.T) {
	got := client(t, "", "--help")
	for _, name := range []string{"--url", "--username", "--email", "--token", "--no-auto-ping", "--benchmark", "--messages", "--interval", "JWT_SECRET"} {
		wantOutcome(t, got, exitOK, name, "")
	}
}
