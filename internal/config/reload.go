package config

import (
	"log/slog"
	"reflect"
	"slices"
	"strings"
)

// Reloader keeps the configuration that is in force and puts others in its place while the node serves.
type Reloader struct {
	Now    *Config
	Reread func() (*Config, *Sources, error) // the command line, the environment and the files, once more
	Apply  func(*Config)
	Log    *slog.Logger

	warned []string
}

// Reload reads the settings again. The command line and the environment are what they were at start; files may have
// changed. A configuration that is wrong anywhere is refused as a whole.
func (r *Reloader) Reload() {
	next, s, err := r.Reread()
	var merged *Config
	if err == nil {
		next.keepMadeSecret(r.Now)
		merged = r.Now.reloaded(next)
		err = merged.Validate() // what cannot change may not go with what has
	}
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			r.Log.Error("the settings were not reloaded, the old ones stay in force", "reason", line)
		}
		return
	}
	r.tell(next, s)
	r.Now = merged
	r.Apply(merged)
	r.Warn(append(slices.Clone(s.Warnings), merged.Warnings()...))
	r.Log.Info("settings reloaded")
}

// Warn says what has not been said before.
func (r *Reloader) Warn(warnings []string) {
	for _, warning := range warnings {
		if !slices.Contains(r.warned, warning) {
			r.Log.Warn(warning)
		}
	}
	r.warned = warnings
}

// tell names what is different from what is in force, secrets without their values.
func (r *Reloader) tell(next *Config, s *Sources) {
	was, is := reflect.ValueOf(r.Now).Elem(), reflect.ValueOf(next).Elem()
	for i := range was.NumField() {
		if reflect.DeepEqual(was.Field(i).Interface(), is.Field(i).Interface()) {
			continue
		}
		tag := was.Type().Field(i).Tag
		about := []any{"setting", nameOf(tag)}
		if tag.Get("secret") == "" {
			about = append(about, "was", display(was.Field(i), tag), "is", display(is.Field(i), tag))
		}
		about = append(about, "from", s.of[tag.Get("name")])
		if tag.Get("reload") == "" {
			r.Log.Warn("a setting has changed that needs a restart to be in force", about...)
			continue
		}
		r.Log.Info("a setting has changed", about...)
	}
}

// reloaded returns the configuration with what may change taken from next.
func (c *Config) reloaded(next *Config) *Config {
	merged := *c
	to, from := reflect.ValueOf(&merged).Elem(), reflect.ValueOf(next).Elem()
	for i := range to.NumField() {
		if to.Type().Field(i).Tag.Get("reload") != "" {
			to.Field(i).Set(from.Field(i))
		}
	}
	return &merged
}

// keepMadeSecret goes on with the secret that development mode has made up, while none is given.
func (c *Config) keepMadeSecret(old *Config) {
	if c.JWTSecret == "" && c.Dev && old.Dev {
		c.JWTSecret = old.JWTSecret
	}
}
