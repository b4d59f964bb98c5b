package config

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// reloading returns a reloader of a configuration, the configurations it has put in force, and its log.
func reloading(t *testing.T, next func(*Config) error) (r *Reloader, applied *[]*Config, log *bytes.Buffer) {
	t.Helper()
	applied, log = new([]*Config), new(bytes.Buffer)
	r = &Reloader{
		Now:   good(t),
		Apply: func(c *Config) { *applied = append(*applied, c) },
		Log:   slog.New(slog.NewTextHandler(log, nil)),
	}
	r.Reread = func() (*Config, *Sources, error) {
		c := *good(t)
		s := NewSources()
		s.of["rate-limit"] = "momentum.yaml:7"
		if err := next(&c); err != nil {
			return nil, nil, err
		}
		return &c, s, c.Validate()
	}
	return r, applied, log
}

func TestReloadChangesOnlyReloadableSettings(t *testing.T) {
	r, applied, log := reloading(t, func(c *Config) error {
		c.RateLimit, c.AdminToken, c.JWTSecret, c.Port, c.DrainTimeout = 7, "open-sesame", strings.Repeat("x", 40), 9999, 3*time.Second
		return nil
	})
	r.Reload()
	if len(*applied) != 1 || r.Now != (*applied)[0] {
		t.Fatalf("applied %d times", len(*applied))
	}
	if c := r.Now; c.RateLimit != 7 || c.AdminToken != "open-sesame" || c.DrainTimeout != 3*time.Second || c.Port != 8000 {
		t.Errorf("%+v", c)
	}
	said := log.String()
	for _, want := range []string{
		`level=INFO msg="a setting has changed" setting=WS_RATE_LIMIT_PER_SECOND was=100 is=7 from=momentum.yaml:7`,
		`msg="a setting has changed" setting=ADMIN_TOKEN from`, `msg="a setting has changed" setting=JWT_SECRET from`,
		`level=WARN msg="a setting has changed that needs a restart to be in force" setting=PORT was=8000 is=9999`,
		`msg="settings reloaded"`,
	} {
		if !strings.Contains(said, want) {
			t.Errorf("not said: %s\n%s", want, said)
		}
	}
	if strings.Contains(said, "sesame") || strings.Contains(said, "xxxx") || strings.Count(said, "has changed") != 5 {
		t.Error(said)
	}
	log.Reset()
	r.Reload()
	if said := log.String(); strings.Count(said, "a setting has changed\"") != 0 || strings.Count(said, "needs a restart") != 1 {
		t.Errorf("the second time: %s", said)
	}
}

func TestReloadOfAWrongConfigurationChangesNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		next func(*Config) error
		want []string
	}{
		"unreadable":              {func(*Config) error { return errors.New("momentum.yaml:3: no\nmomentum.yaml:4: no") }, []string{"momentum.yaml:3", "momentum.yaml:4"}},
		"out of bounds":           {func(c *Config) error { c.RateLimit, c.LogLevel = 5, "loud"; return nil }, []string{"LOG_LEVEL"}},
		"good only after restart": {func(c *Config) error { c.AdminAddr, c.AdminToken = "127.0.0.1:1", ""; return nil }, []string{"ADMIN_ADDR"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, applied, log := reloading(t, tt.next)
			r.Now.AdminAddr, r.Now.AdminToken = "0.0.0.0:8001", "a token that only operators have"
			was := *r.Now
			if taken := r.Reload(); taken || len(*applied) != 0 || !reflect.DeepEqual(*r.Now, was) {
				t.Errorf("applied %d times: %+v", len(*applied), r.Now)
			}
			for _, want := range append(tt.want, "level=ERROR", "the old ones stay in force") {
				if !strings.Contains(log.String(), want) {
					t.Errorf("not said: %s\n%s", want, log)
				}
			}
		})
	}
}

func TestReloadKeepsTheSecretOfDevelopmentMode(t *testing.T) {
	r, _, log := reloading(t, func(c *Config) error { c.Dev, c.JWTSecret = true, ""; return nil })
	r.Now.Dev, r.Now.JWTSecret = true, "made up for this run, and long enough"
	r.Reload()
	if r.Now.JWTSecret != "made up for this run, and long enough" || strings.Contains(log.String(), "has changed") {
		t.Errorf("%q: %s", r.Now.JWTSecret, log)
	}
}

func TestWarningsAreRepeatedOnlyWhenTheyAreNew(t *testing.T) {
	r, _, log := reloading(t, func(c *Config) error { c.JWTSecret, c.ConnectionTimeout = "short", 10*time.Second; return nil })
	r.Now.JWTSecret = "short"
	r.Warn(r.Now.Warnings())
	log.Reset()
	r.Reload()
	if said := log.String(); strings.Contains(said, "5 bytes") || !strings.Contains(said, "closed before they are pinged") {
		t.Error(said)
	}
}

func TestReloadNamesFilesWhoseContentHasChanged(t *testing.T) {
	_, first := keyFiles(t)
	_, second := keyFiles(t)
	keys, err := os.ReadFile(second)
	if err != nil {
		t.Fatal(err)
	}
	kind, paths := reflect.TypeFor[Config](), map[string]string{}
	for i := range kind.NumField() { // every setting that names a file must have a content tag
		if name := kind.Field(i).Tag.Get("name"); strings.HasSuffix(name, "-file") {
			paths[name] = kind.Field(i).Tag.Get("content")
		}
	}
	if len(paths) != 1 || paths["jwt-public-key-file"] != "yes" {
		t.Errorf("settings that name files: %v", paths)
	}
	r, applied, log := reloading(t, func(c *Config) error { c.JWTPublicKeyFile = first; return nil })
	r.Now.JWTPublicKeyFile = first
	r.Start()
	for _, changed := range []bool{false, true, false} {
		if changed {
			if err := os.WriteFile(first, keys, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		log.Reset()
		r.Reload()
		said := strings.Contains(log.String(), `msg="the file that a setting names has changed" setting=JWT_PUBLIC_KEY_FILE file=`+first)
		if said != changed || strings.Contains(log.String(), "a setting has changed") {
			t.Errorf("changed %v: %s", changed, log)
		}
	}
	if len(*applied) != 3 {
		t.Errorf("applied %d times", len(*applied))
	}
}
