package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{"good settings", []string{"check", "--dev"}, 0, "the configuration is good", ""},
		{"bad settings", []string{"check"}, exitFailed, "JWT_SECRET                   (not set)", "JWT_SECRET (--jwt-secret) is not set"},
		{"serve refuses bad settings", nil, exitFailed, "", "JWT_SECRET (--jwt-secret) is not set"},
		{"serve is the default", []string{"--redis-url=redis://x", "--dev"}, exitFailed, "", "REDIS_URL"},
		{"unknown flag", []string{"check", "--colour"}, exitUsage, "", "unknown flag --colour"},
		{"unknown command", []string{"dance"}, exitUsage, "", "unexpected argument dance"},
		{"version", []string{"version"}, 0, "momentum ", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			alone(t, nil)
			var stdout, stderr bytes.Buffer
			code := run(tt.args, &stdout, &stderr, func(int) {})
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if !strings.Contains(stdout.String(), tt.stdout) || !strings.Contains(stderr.String(), tt.stderr) {
				t.Errorf("stdout:\n%s\nstderr:\n%s\nwant %q and %q", &stdout, &stderr, tt.stdout, tt.stderr)
			}
		})
	}
}

func TestVersionIsToldWithoutTheRestBeingSound(t *testing.T) {
	alone(t, map[string]string{"PORT": "http"})
	var stdout, stderr bytes.Buffer
	if code := run([]string{"version"}, &stdout, &stderr, func(int) {}); code != 0 {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}

func TestHelpNamesEveryCommandAndSetting(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{[]string{"--help"}, []string{"serve ", "token ", "users ", "migrate ", "check ", "version ", "momentum serve --dev"}},
		{[]string{"serve", "--help"}, []string{"($JWT_SECRET)", "($WS_CONNECTION_TIMEOUT)", "--addr=HOST:PORT", "Addresses", "Logs"}},
	} {
		alone(t, nil)
		var stdout, stderr bytes.Buffer
		ended := -1
		run(tt.args, &stdout, &stderr, func(code int) { ended = code })
		if ended != 0 {
			t.Errorf("%v exits with %d", tt.args, ended)
		}
		for _, want := range tt.want {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("%v does not say %q", tt.args, want)
			}
		}
	}
}
