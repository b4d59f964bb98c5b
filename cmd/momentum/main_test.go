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
		{"good settings", []string{"check", "--dev", "--addr=127.0.0.1:0", "--admin-addr=127.0.0.1:0"}, 0, "the configuration is good", ""},
		{"bad settings", []string{"check"}, exitSettings, "error: JWT_SECRET (--jwt-secret) is not set", ""},
		{"serve refuses bad settings", nil, exitSettings, "", "JWT_SECRET (--jwt-secret) is not set"},
		{"serve is the default", []string{"--redis-url=http://x", "--dev"}, exitSettings, "", "REDIS_URL"},
		{"token without a secret", []string{"token"}, exitSettings, "", "JWT_SECRET"},
		{"users without a database", []string{"users", "list"}, exitSettings, "", "DATABASE_URL (--database-url) is not set"},
		{"unknown flag", []string{"check", "--colour"}, exitSettings, "", "unknown flag --colour"},
		{"unknown command", []string{"chekc"}, exitSettings, "", `there is no command "chekc"; did you mean "check"?`},
		{"an argument too many", []string{"check", "it"}, exitSettings, "", "unexpected argument it"},
		{"a user is missing", []string{"users", "deactivate"}, exitSettings, "", `expected "<id-or-email>"`},
		{"a wrong limit", []string{"users", "list", "--limit=-3"}, exitSettings, "", "--limit is -3: write how many"},
		{"a name that is too long", []string{"users", "add", "--email=a@b", "--username=" + strings.Repeat("x", 129)}, exitSettings, "", "--username must be text of 1 to 128 bytes"},
		{"a wrong algorithm", []string{"token", "--secret=s", "--algorithm=RS256"}, exitSettings, "", "JWT_ALGORITHM (--algorithm)"},
		{"seconds for a time to live", []string{"token", "--secret=s", "--ttl=90"}, 0, ".", ""},
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

func TestHelpNamesEveryCommandAndSetting(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{[]string{"--help"}, []string{"serve ", "token ", "users ", "migrate ", "check ", "version ", "momentum serve --dev"}},
		{[]string{"help"}, []string{"Usage: momentum <command>"}},
		{[]string{"help", "token"}, []string{"Usage: momentum token"}},
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
