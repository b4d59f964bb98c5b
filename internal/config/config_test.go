package config

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// good is the configuration of a server with a secret and no other setting.
func good(t *testing.T) *Config {
	t.Helper()
	c, err := parse(t, map[string]string{"JWT_SECRET": strings.Repeat("s", SoundSecretBytes)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaultsAreSoundAndQuiet(t *testing.T) {
	c := good(t)
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if warnings := c.Warnings(); len(warnings) > 0 {
		t.Error(warnings)
	}
}

func TestVariablesInUseAreRead(t *testing.T) {
	for _, name := range []string{
		"JWT_SECRET", "DATABASE_URL", "REDIS_URL", "HOST", "PORT", "ADMIN_ADDR", "ADMIN_TOKEN", "WS_MAX_CONNECTIONS",
		"WS_MAX_CONNECTIONS_PER_USER", "WS_MAX_CONNECTIONS_PER_IP", "TRUSTED_PROXIES",
		"HISTORY_MESSAGES", "WS_MAX_TOPICS_PER_CONNECTION", "TOPICS_DEFAULT", "HISTORY_BYTES", "HISTORY_AGE",
		"WS_CONNECTION_TIMEOUT", "WS_CLEANUP_INTERVAL", "WS_RATE_LIMIT_PER_SECOND", "DB_POOL_SIZE",
		"JWT_SECRET_PREVIOUS", "JWT_ALGORITHM", "JWT_PUBLIC_KEY_FILE", "JWKS_URL", "JWT_ISSUER", "JWT_AUDIENCE",
	} {
		before := good(t)
		after, err := parse(t, map[string]string{"JWT_SECRET": before.JWTSecret, name: "77"})
		if err != nil || reflect.DeepEqual(before, after) {
			t.Errorf("%s changes nothing (error %v)", name, err)
		}
	}
}

func TestOriginsAreThoseOfBrowsers(t *testing.T) {
	c, err := parse(t, map[string]string{"JWT_SECRET": strings.Repeat("s", SoundSecretBytes), "ALLOWED_ORIGINS": "https://Chat.example, https://*.bücher.example ,null"})
	if err != nil || c.Validate() != nil {
		t.Fatal(err, c.Validate())
	}
	if want := []string{"https://chat.example", "https://*.xn--bcher-kva.example", "null"}; !slices.Equal(c.Origins(), want) {
		t.Errorf("%q", c.Origins())
	}
	c.AllowedOrigins = append(c.AllowedOrigins, "", "wss://chat.example")
	wantWords(t, c.Validate(), `ALLOWED_ORIGINS (--allowed-origins) has ""`, `has "wss://chat.example"`)
}

func TestSecretsAreInNoMessage(t *testing.T) {
	const secret = "xyzzy"
	c := good(t)
	c.JWTSecret, c.JWTSecretPrevious, c.AdminToken, c.DatabaseURL, c.RedisURL, c.AdminTokens, c.Port = secret, secret, secret, secret, secret, secret, -1
	text := c.Validate().Error() + fmt.Sprint(c.Warnings(), c.Rows(NewSources()))
	if strings.Contains(text, secret) {
		t.Error(text)
	}
}

func TestDevelopmentMode(t *testing.T) {
	for _, tt := range []struct {
		name   string
		dev    bool
		secret string
		made   bool
		valid  bool
	}{
		{"makes a secret", true, "", true, true},
		{"keeps the one given", true, "given", false, true},
		{"nothing is made without it", false, "", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := good(t)
			c.Dev, c.JWTSecret = tt.dev, tt.secret
			if err := c.Validate(); (err == nil) != tt.valid {
				t.Errorf("valid: %v", err)
			}
			made, err := c.FillSecret(bytes.NewReader(make([]byte, SoundSecretBytes)))
			if err != nil || made != tt.made || made != (c.JWTSecret != tt.secret) {
				t.Errorf("made %v, error %v, secret %q", made, err, c.JWTSecret)
			}
			if made && len(c.JWTSecret) < SoundSecretBytes {
				t.Errorf("a secret of %d bytes", len(c.JWTSecret))
			}
		})
	}
}

func TestSecretIsNotMadeFromTooLittleRandomness(t *testing.T) {
	c := &Config{Dev: true}
	if made, err := c.FillSecret(bytes.NewReader(make([]byte, SoundSecretBytes-1))); err == nil || made || c.JWTSecret != "" {
		t.Errorf("made %v, error %v", made, err)
	}
}
