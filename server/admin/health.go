package admin

import (
	"net/http"
)

// Check is a part of the node whose health somebody else knows. What it says is told to anybody who probes.
type Check struct {
	Name string
	Err  func() error // nil while the part is well
}

// health is what the probes read: which parts are well, and of the others what is wrong. It tells nobody anything
// else, and so stands before the access rule.
type health struct {
	Status string            `json:"status"`
	Parts  map[string]string `json:"parts"`
}

// liveChecks fail only when a restart is the cure.
func (c *sidecar) liveChecks() []Check {
	return []Check{{"reactors", func() error { return c.server.Turning(stuckForGood) }}}
}

// readyChecks fail as soon as new connections are better off elsewhere.
func (c *sidecar) readyChecks() []Check {
	return append([]Check{
		{"draining", c.server.Ready},
		{"reactors", func() error { return c.server.Turning(stuckForNow) }},
		{"seats", c.server.SeatsLeft},
		{"descriptors", c.server.SocketsLeft},
	}, c.Checks...)
}

// probe answers 200 while all parts are well, and 503 under the name of the first that is not.
func probe(checks []Check) answer {
	return func(w http.ResponseWriter, _ *http.Request) *fault {
		status, found := http.StatusOK, health{"ok", map[string]string{}}
		for _, check := range checks {
			found.Parts[check.Name] = "ok"
			if err := check.Err(); err != nil {
				found.Parts[check.Name] = err.Error()
				if status == http.StatusOK {
					status, found.Status = http.StatusServiceUnavailable, check.Name
				}
			}
		}
		respond(w, status, found)
		return nil
	}
}
