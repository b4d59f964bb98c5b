package config

import (
	"errors"
	"strings"
	"testing"
)

func TestTrustedProxiesAreRead(t *testing.T) {
	for given, want := range map[string]string{
		"":                                      "",
		"127.0.0.1":                             "127.0.0.1/32",
		"127.0.0.1, 10.0.0.0/8 ,2001:db8::/32":  "127.0.0.1/32 10.0.0.0/8 2001:db8::/32",
		"::1,::ffff:192.0.2.1":                  "::1/128 192.0.2.1/32",
		"0.0.0.0/0,::/0":                        "0.0.0.0/0 ::/0",
		"192.0.2.7/32,2001:db8:1:2:3:4:5:6/128": "192.0.2.7/32 2001:db8:1:2:3:4:5:6/128",
	} {
		c, err := parse(t, map[string]string{"JWT_SECRET": strings.Repeat("s", SoundSecretBytes), "TRUSTED_PROXIES": given})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, network := range c.Proxies() {
			got = append(got, network.String())
		}
		if err := c.Validate(); err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %q, error %v; want %q", given, got, err, want)
		}
	}
}

func TestWrongProxiesAreNamed(t *testing.T) {
	for given, want := range map[string][]string{
		"proxy.example":      {"TRUSTED_PROXIES", "--trusted-proxies", `"proxy.example"`, "10.0.0.0/8"},
		"10.1.2.3/8":         {"10.1.2.3/8", "write 10.0.0.0/8 for the network, or 10.1.2.3"},
		"10.0.0.1:80":        {"10.0.0.1:80"},
		"10.0.0.0/33":        {"10.0.0.0/33"},
		"fe80::1%eth0":       {"fe80::1%eth0"},
		"::ffff:10.0.0.0/97": {"::ffff:10.0.0.0/97", "10.0.0.0/8"},
	} {
		c := good(t)
		c.TrustedProxies = []string{"10.0.0.1", given}
		wantWords(t, c.Validate(), want...)
	}
}

func TestProxyWarnings(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Config)
		want   []string
	}{
		"everybody":        {func(c *Config) { c.TrustedProxies = []string{"::/0"} }, []string{"TRUSTED_PROXIES", "::/0", "any address"}},
		"a proxy unnamed":  {func(c *Config) { c.MaxPerAddress = 5 }, []string{"WS_MAX_CONNECTIONS_PER_IP", "127.0.0.1:8000", "TRUSTED_PROXIES"}},
		"a proxy named":    {func(c *Config) { c.MaxPerAddress, c.TrustedProxies = 5, []string{"127.0.0.1"} }, nil},
		"a public address": {func(c *Config) { c.MaxPerAddress, c.Host = 5, "0.0.0.0" }, nil},
	} {
		c := good(t)
		tt.change(c)
		if warnings := c.Warnings(); len(tt.want) > 0 {
			wantWords(t, errors.New(strings.Join(warnings, "\n")), tt.want...)
		} else if len(warnings) > 0 {
			t.Errorf("%s: %q", name, warnings)
		}
	}
}
