package config

import (
	"crypto/sha256"
	"log/slog"
	"reflect"
	"slices"
	"strings"
)

// Reloader holds the configuration in force, and replaces it while the node serves.
type Reloader struct {
	Now    *Config
	Reread func() (*Config, *Sources, error) // reads the command line, the environment and the files again
	Apply  func(*Config)
	Log    *slog.Logger

	warned   []string
	contents map[string][sha256.Size]byte // of files that settings name, by setting
}

// Start notes the content of the files that settings name. It must be called before the settings are put in force.
func (r *Reloader) Start() { r.contents = r.Now.contents() }

// contents returns a hash of each file whose content is a setting.
func (c *Config) contents() map[string][sha256.Size]byte {
	all := make(map[string][sha256.Size]byte)
	value := reflect.ValueOf(c).Elem()
	for i := range value.NumField() {
		tag := value.Type().Field(i).Tag
		if tag.Get("content") == "" || value.Field(i).String() == "" {
			continue
		}
		text, _, _ := readSmall(value.Field(i).String())
		all[tag.Get("name")] = sha256.Sum256(text)
	}
	return all
}

// Reload reads the settings again. The command line and the environment are the same as at start; files may have
// changed. A configuration with any fault is refused entirely; then taken is false.
func (r *Reloader) Reload() (taken bool) {
	next, s, err := r.Reread()
	var merged *Config
	if err == nil {
		next.keepMadeSecret(r.Now)
		merged = r.Now.reloaded(next)
		err = merged.Validate() // settings that cannot change may not fit those that have changed
	}
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			r.Log.Error("the settings were not reloaded, the old ones stay in force", "reason", line)
		}
		return false
	}
	contents := merged.contents()
	r.logChanges(next, s, contents)
	r.Now, r.contents = merged, contents
	r.Apply(merged)
	r.Warn(append(slices.Clone(s.Warnings), merged.Warnings()...))
	r.Log.Info("settings reloaded")
	return true
}

// Warn logs the warnings that it has not logged before.
func (r *Reloader) Warn(warnings []string) {
	for _, warning := range warnings {
		if !slices.Contains(r.warned, warning) {
			r.Log.Warn(warning)
		}
	}
	r.warned = warnings
}

// logChanges logs the settings that differ from those in force, secrets without their values.
func (r *Reloader) logChanges(next *Config, s *Sources, contents map[string][sha256.Size]byte) {
	was, is := reflect.ValueOf(r.Now).Elem(), reflect.ValueOf(next).Elem()
	for i := range was.NumField() {
		tag := was.Type().Field(i).Tag
		if reflect.DeepEqual(was.Field(i).Interface(), is.Field(i).Interface()) {
			if name := tag.Get("name"); contents[name] != r.contents[name] {
				r.Log.Info("the file that a setting names has changed", "setting", nameOf(tag), "file", is.Field(i).String())
			}
			continue
		}
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

// reloaded returns the configuration with the reloadable settings of next.
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

// keepMadeSecret keeps the random secret of development mode until a secret is set.
func (c *Config) keepMadeSecret(old *Config) {
	if c.JWTSecret == "" && c.Dev && old.Dev {
		c.JWTSecret = old.JWTSecret
	}
}
