package main

import (
	"bytes"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"
)

// reloading is a reloader of a configuration, what it has put in force and what it has logged.
func reloading(t *testing.T, next func(*Config) error) (r *reloader, applied *[]*Config, log *bytes.Buffer) {
	t.Helper()
	applied, log = new([]*Config), new(bytes.Buffer)
	r = &reloader{
		now:   good(t),
		apply: func(c *Config) { *applied = append(*applied, c) },
		log:   slog.New(slog.NewTextHandler(log, nil)),
	}
	r.reread = func() (*Config, *sources, error) {
		c := *good(t)
		s := newSources()
		s.of["rate-limit"] = "momentum.yaml:7"
		if err := next(&c); err != nil {
			return nil, nil, err
		}
		return &c, s, c.Validate()
	}
	return r, applied, log
}

func TestReloadPutsInForceWhatMayChange(t *testing.T) {
	r, applied, log := reloading(t, func(c *Config) error {
		c.RateLimit, c.AdminToken, c.JWTSecret, c.Port, c.DrainTimeout = 7, "open-sesame", strings.Repeat("x", 40), 9999, 3*time.Second
		return nil
	})
	r.reload()
	if len(*applied) != 1 || r.now != (*applied)[0] {
		t.Fatalf("applied %d times", len(*applied))
	}
	if c := r.now; c.RateLimit != 7 || c.AdminToken != "open-sesame" || c.DrainTimeout != 3*time.Second || c.Port != 8000 {
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
	r.reload()
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
			r.now.AdminAddr, r.now.AdminToken = "0.0.0.0:8001", "a token that only operators have"
			was := *r.now
			r.reload()
			if len(*applied) != 0 || !reflect.DeepEqual(*r.now, was) {
				t.Errorf("applied %d times: %+v", len(*applied), r.now)
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
	r.now.Dev, r.now.JWTSecret = true, "made up for this run, and long enough"
	r.reload()
	if r.now.JWTSecret != "made up for this run, and long enough" || strings.Contains(log.String(), "has changed") {
		t.Errorf("%q: %s", r.now.JWTSecret, log)
	}
}

func TestWarningsAreRepeatedOnlyWhenTheyAreNew(t *testing.T) {
	r, _, log := reloading(t, func(c *Config) error { c.JWTSecret, c.ConnectionTimeout = "short", 10*time.Second; return nil })
	r.now.JWTSecret = "short"
	r.warn(r.now.warnings())
	log.Reset()
	r.reload()
	if said := log.String(); strings.Contains(said, "5 bytes") || !strings.Contains(said, "closed before they are pinged") {
		t.Error(said)
	}
}

// TestWhatReloadsIsWhatTheServerMayBeTold holds the tags to what is really done with them: of a configuration in which
// all that reloads is different, every rule of the server is different.
func TestWhatReloadsIsWhatTheServerMayBeTold(t *testing.T) {
	old := good(t)
	old.MaxPerAddress, old.HandshakeRate, old.MaxConnections = 1, 1, 1
	next := *old
	value := reflect.ValueOf(&next).Elem()
	for i := range value.NumField() {
		if value.Type().Field(i).Tag.Get("reload") == "" {
			continue
		}
		switch f := value.Field(i); f.Kind() {
		case reflect.Int, reflect.Int64:
			f.SetInt(f.Int() + 2)
		case reflect.Bool:
			f.SetBool(!f.Bool())
		case reflect.Slice:
			f.Set(reflect.ValueOf([]string{"10.0.0.0/8"}))
		}
	}
	made := func(c *Config) reflect.Value {
		return reflect.ValueOf(c.rules(c.connectionCap(1000, 1)))
	}
	was, is := made(old), made(old.reloaded(&next))
	for i := range was.NumField() {
		if reflect.DeepEqual(was.Field(i).Interface(), is.Field(i).Interface()) {
			t.Errorf("%s did not change with the settings", was.Type().Field(i).Name)
		}
	}
}
