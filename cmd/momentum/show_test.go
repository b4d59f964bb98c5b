package main

import (
	"strings"
	"testing"
)

func TestConfigShowsTheSourceOfEachSettingAndNoSecret(t *testing.T) {
	path := write(t, "rate-limit: 7\nadmin-token: open-sesame\n")
	secret := write(t, "a secret of more than thirty-two bytes\n")
	alone(t, map[string]string{"JWT_SECRET_FILE": secret, "PORT": "9000", "DATABASE_URL": "postgres://u:hunter2@h/d"})
	for _, args := range [][]string{{"config"}, {"config", "--json"}, {"check"}} {
		var stdout, stderr strings.Builder
		run(append(args, "--config="+path, "--drain-timeout=3"), &stdout, &stderr, func(int) {})
		out := strings.Join(strings.Fields(stdout.String()), " ")
		for _, hidden := range []string{"open-sesame", "hunter2", "thirty-two"} {
			if strings.Contains(out+stderr.String(), hidden) {
				t.Errorf("%v shows %q", args, hidden)
			}
		}
		want := []string{"WS_RATE_LIMIT_PER_SECOND 7 " + path + ":1", "PORT 9000 PORT", "JWT_SECRET (set, 38 bytes) JWT_SECRET_FILE",
			"ADMIN_TOKEN (set, 11 bytes) " + path + ":2", "DRAIN_TIMEOUT 3s --drain-timeout", "HOST 127.0.0.1 default", "ALLOWED_ORIGINS (not set) default"}
		if len(args) == 2 {
			want = []string{`"setting": "rate-limit", "variable": "WS_RATE_LIMIT_PER_SECOND", "value": "7", "from": "` + path + `:1", "reload": true`}
		}
		for _, words := range want {
			if !strings.Contains(out, words) {
				t.Errorf("%v does not say %q:\n%s", args, words, stdout.String())
			}
		}
	}
}

func TestSettingsFileHoldsSettingsAlone(t *testing.T) {
	alone(t, nil)
	var stdout, stderr strings.Builder
	code := run([]string{"config", "--config=" + write(t, "json: true\n")}, &stdout, &stderr, func(int) {})
	if code != exitSettings || !strings.Contains(stderr.String(), "no setting json") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}
