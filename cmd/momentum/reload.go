package main

import (
	"context"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"time"

	"momentum/internal/logging"
)

// reloadPatience is how long a reload waits for the reactors to take it up, which is a matter of a turn. Signals wait
// meanwhile, and systemd.
const reloadPatience = 2 * time.Second

// reloader keeps the configuration that is in force and puts others in its place while the node serves.
type reloader struct {
	now    *Config
	warned []string
	reread reread
	apply  func(*Config)
	log    *slog.Logger
}

// reload reads the settings again. The command line and the environment are what they were at start; files may have
// changed. A configuration that is wrong anywhere is refused as a whole.
func (r *reloader) reload() {
	next, s, err := r.reread()
	var merged *Config
	if err == nil {
		next.keepMadeSecret(r.now)
		merged = r.now.reloaded(next)
		err = merged.Validate() // what cannot change may not go with what has
	}
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			r.log.Error("the settings were not reloaded, the old ones stay in force", "reason", line)
		}
		return
	}
	r.tell(next, s)
	r.now = merged
	r.apply(merged)
	r.warn(append(slices.Clone(s.warnings), merged.warnings()...))
	r.log.Info("settings reloaded")
}

// warn says what has not been said before.
func (r *reloader) warn(warnings []string) {
	for _, warning := range warnings {
		if !slices.Contains(r.warned, warning) {
			r.log.Warn(warning)
		}
	}
	r.warned = warnings
}

// tell names what is different from what is in force, secrets without their values.
func (r *reloader) tell(next *Config, s *sources) {
	was, is := reflect.ValueOf(r.now).Elem(), reflect.ValueOf(next).Elem()
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
			r.log.Warn("a setting has changed that needs a restart to be in force", about...)
			continue
		}
		r.log.Info("a setting has changed", about...)
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

// adopt puts what may change in force.
func (n *node) adopt(c *Config, l *logging.Logs) {
	l.SetLevels(c.Levels())
	if keys, err := c.keys(); err != nil { // the file has changed since it was judged
		l.Of("auth").Error("the keys were not reloaded, the old ones stay in use", "reason", err)
	} else {
		n.verifier.SetKeys(keys)
	}
	n.answerWith(c, l.Of("admin"))
	n.most = c.connectionCap(n.descriptors, n.reactors)
	ctx, cancel := context.WithTimeout(context.Background(), reloadPatience)
	defer cancel()
	if err := n.server.Reload(ctx, c.rules(n.most)); err != nil {
		l.Of("main").Warn("some reactors go by the old settings for a little longer", "reason", err)
	}
}
