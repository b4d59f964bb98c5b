package admin

import "net/http"

// health is what the probes read. It tells nobody anything else, and so stands before the access rule.
type health struct {
	Status string `json:"status"`
}

// live says that the process answers.
func (c *sidecar) live(w http.ResponseWriter, _ *http.Request) *fault {
	respond(w, http.StatusOK, health{"ok"})
	return nil
}

// ready says whether new connections should come here.
func (c *sidecar) ready(w http.ResponseWriter, _ *http.Request) *fault {
	if err := c.server.Ready(); err != nil {
		respond(w, http.StatusServiceUnavailable, health{"draining"})
		return nil
	}
	respond(w, http.StatusOK, health{"ok"})
	return nil
}
