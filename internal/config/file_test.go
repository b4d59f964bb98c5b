package config

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSettingsFileSpellings(t *testing.T) {
	c, err := parse(t, nil, "--config="+write(t, `
host: "::1"          # a comment
port: "9000"         # in quotation marks
admin-addr:          # nothing counts as not set
allowed-origins:
  - https://a.example
  - https://b.example
trusted-proxies: 10.0.0.0/8,127.0.0.1
compression: false
connection-timeout: 1m30s
cleanup-interval: 90
max-connections: &most 20000
max-connections-per-ip: *most
`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Host != "::1" || c.Port != 9000 || c.AdminAddr != "127.0.0.1:8001" || c.Compression || c.MaxConnections != 20000 || c.MaxPerAddress != 20000 ||
		c.ConnectionTimeout != 90*time.Second || c.CleanupInterval != 90*time.Second ||
		!slices.Equal(c.AllowedOrigins, []string{"https://a.example", "https://b.example"}) || !slices.Equal(c.TrustedProxies, []string{"10.0.0.0/8", "127.0.0.1"}) {
		t.Errorf("%+v", c)
	}
	for _, nothing := range []string{"", "# only a comment\n", "---\n", "null\n", "{}\n"} {
		if _, err := parse(t, nil, "--config="+write(t, nothing)); err != nil {
			t.Errorf("%q: %v", nothing, err)
		}
	}
}

func TestMistakesInASettingsFileAreNamedByLine(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"unknown key", "port: 1\nmax-conections: 5\n", []string{":2:", "no setting max-conections", "did you mean max-connections?"}},
		{"underscores", "max_connections: 5\n", []string{":1:", "max_connections", "did you mean max-connections?"}},
		{"a variable's name", "WS_RATE_LIMIT_PER_SECOND: 5\n", []string{":1:", "did you mean rate-limit?"}},
		{"the file itself", "config: other.yaml\n", []string{":1:", "no setting config"}},
		{"a key twice", "port: 1\nhost: a\nport: 2\n", []string{":3:", "port is there already in line 1"}},
		{"a key twice, first without a value", "port:\nport: 2\n", []string{":2:", "port is there already in line 1"}},
		{"a word for a number", "\nport: http\n", []string{":2:", "port is \"http\"", "a whole number"}},
		{"a fraction for a number", "port: 80.5\n", []string{":1:", "port", "80.5", "a whole number"}},
		{"a word for a time", "drain-timeout: soon\n", []string{":1:", "drain-timeout", "soon", "1m30s"}},
		{"a word for yes or no", "compression: maybe\n", []string{":1:", "compression", "maybe", "true or false"}},
		{"a list for a number", "port: [1, 2]\n", []string{":1:", "port is a list", "a whole number"}},
		{"a list for text", "host: [a]\n", []string{":1:", "host is a list", "one piece of text"}},
		{"a group", "port:\n  number: 1\n", []string{":1:", "port is a group", "a whole number"}},
		{"a list of lists", "allowed-origins: [[a]]\n", []string{":1:", "allowed-origins is a list", "such as [a, b]"}},
		{"a list", "- port\n", []string{":1:", "NAME: VALUE"}},
		{"no YAML", "port: 1\nhost: a: b\n", []string{":2:", "no YAML", "mapping values"}},
		{"a tab", "\tport: 1\n", []string{":1:", "no YAML"}},
		{"two documents", "port: 1\n---\nport: 2\n", []string{"second document"}},
		{"an alias of nothing", "port: *x\n", []string{"x"}},
		{"a key that is a list", "[a, b]: 1\n", []string{":1:", "no setting"}},
		{"too long", "# " + strings.Repeat("x", largestFile), []string{"more than 1048576 bytes"}},
		{"several at once", "prot: 1\nrate-limit: x\n", []string{":1:", "prot", ":2:", "rate-limit"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, tt.text)
			_, err := parse(t, nil, "--config="+path)
			wantWords(t, err, append(tt.want, path)...)
		})
	}
}

func TestSecretInASettingsFileIsInNoComplaint(t *testing.T) {
	_, err := parse(t, nil, "--config="+write(t, "jwt-secret: [xyzzy]\nadmin-token: {xyzzy: 1}\n"))
	wantWords(t, err, "jwt-secret is a list", "admin-token is a group")
	if strings.Contains(err.Error(), "xyzzy") {
		t.Error(err)
	}
}

func TestUnreadableSettingsFile(t *testing.T) {
	for _, path := range []string{t.TempDir(), "/does/not/exist.yaml"} {
		_, err := parse(t, nil, "--config="+path)
		wantWords(t, err, "cannot read the settings file", path)
	}
	if os.Getuid() == 0 {
		return // may read everything
	}
	path := write(t, "port: 1\n")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	_, err := parse(t, nil, "--config="+path)
	wantWords(t, err, "permission denied")
}
