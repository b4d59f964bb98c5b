package config

import (
	"strings"
	"testing"
)

func TestStrayVariablesAreWarnedOf(t *testing.T) {
	stray := map[string]string{
		"WS_MAX_CONNECTION": "WS_MAX_CONNECTIONS", "MOMENTUM_CONFG": "MOMENTUM_CONFIG", "JWT_SECRETS_FILE": "JWT_SECRET_FILE",
		"WS_RATE_LIMIT": "WS_RATE_LIMIT_PER_SECOND", "MOMENTUM_PORT": "PORT",
	}
	env := map[string]string{"WS_PORT": "tcp://10.0.0.1:8000", "WS_SILENT": ""}
	for name := range stray {
		env[name] = "1"
	}
	for _, name := range []string{"MOMENTUM_SERVICE_HOST", "MOMENTUM_PORT_8000_TCP_ADDR", "WS_URL", "PORTS", "XWS_Y"} {
		env[name] = "1"
	}
	_, s, err := parseFrom(t, env)
	if err != nil || len(s.Warnings) != len(stray) {
		t.Errorf("%d warnings for %d variables (%v): %q", len(s.Warnings), len(stray), err, s.Warnings)
	}
	for name, meant := range stray {
		if !strings.Contains(strings.Join(s.Warnings, "\n"), name+" is no setting; did you mean "+meant) {
			t.Errorf("%s: %s is not suggested: %q", name, meant, s.Warnings)
		}
	}
}
