package main

import (
	"context"
	"time"

	"momentum/internal/config"
	"momentum/internal/logging"
)

// reloadPatience is how long a reload waits for the reactors to apply it; normally that is one turn. Signals wait
// meanwhile, and so does systemd.
const reloadPatience = 2 * time.Second

// adopt applies the settings that a reload may change.
func (n *node) adopt(c *config.Config, l *logging.Logs) {
	l.SetLevels(c.Levels())
	if keys, err := c.Keys(); err != nil { // the file has changed since it was checked
		l.Of("auth").Error("the keys were not reloaded, the old ones stay in use", "reason", err)
	} else {
		n.verifier.SetKeys(keys)
	}
	n.answerWith(c, l.Of("admin"))
	n.maxClients = connectionCap(c, n.descriptors, n.reactors)
	ctx, cancel := context.WithTimeout(context.Background(), reloadPatience)
	defer cancel()
	if err := n.server.Reload(ctx, rules(c, n.maxClients)); err != nil {
		l.Of("main").Warn("some reactors still use the old settings for a short time", "reason", err)
	}
}
