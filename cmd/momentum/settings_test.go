package main

import (
	"io"
	"os"
	"reflect"
	"strings"
	"testing"

	"momentum/internal/config"
)

// alone clears every variable that the server reads or warns of and then sets those of env, so that a test does not
// depend on where it runs.
func alone(t *testing.T, env map[string]string) {
	t.Helper()
	kind := reflect.TypeFor[config.Config]()
	for i := range kind.NumField() {
		if name := kind.Field(i).Tag.Get("env"); name != "" {
			t.Setenv(name, "")
			t.Setenv(name+"_FILE", "")
		}
	}
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "WS_") || strings.HasPrefix(name, "MOMENTUM_") || strings.HasPrefix(name, "JWT_") {
			t.Setenv(name, "")
		}
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
}

// parse returns the configuration that serve would get.
func parse(t *testing.T, env map[string]string, args ...string) (*config.Config, error) {
	t.Helper()
	alone(t, env)
	var into commands
	parser, err := newParser(&into, config.NewSources(), io.Discard, io.Discard, func(int) { t.Error("parsing ended the process") })
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(append([]string{"serve"}, args...))
	return (*config.Config)(&into.Serve.Settings), err
}

// good is the configuration of a server with a secret and no other setting.
func good(t *testing.T) *config.Config {
	t.Helper()
	c, err := parse(t, map[string]string{"JWT_SECRET": strings.Repeat("s", config.SoundSecretBytes)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// write makes a file that only its owner can read, and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "momentum-*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}
