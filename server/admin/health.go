package admin

import (
	"encoding/json"
	"net/http"
	"sync/atomic"
	"time"
)

// Check is the health of one part of the node. Every client that probes reads its error.
type Check struct {
	Name string
	Err  func() error // nil while the part is well
}

// health is the answer to a probe: the parts that are well, and the errors of the others. It contains nothing else, so the
// access rule does not cover probes.
type health struct {
	Status string            `json:"status"`
	Parts  map[string]string `json:"parts"`
}

// liveChecks fail only if a restart would help.
func (c *sidecar) liveChecks() []Check {
	return []Check{{"reactors", func() error { return c.server.Turning(stuckForGood) }}}
}

// readyChecks fail as soon as new connections should go to another node.
func (c *sidecar) readyChecks() []Check {
	return append([]Check{
		{"draining", c.server.Ready},
		{"reactors", func() error { return c.server.Turning(stuckForNow) }},
		{"seats", c.server.SlotsLeft},
		{"descriptors", c.server.SocketsLeft},
	}, c.Checks...)
}

// probe is the checks of one path, and their last outcome.
type probe struct {
	checks []Check
	now    func() time.Time
	last   atomic.Pointer[outcome]
}

// outcome is the answer to a probe.
type outcome struct {
	at     time.Time
	status int
	body   []byte
}

// run makes all checks: 200 while all parts are well, and 503 under the name of the first that is not.
func (p *probe) run() *outcome {
	status, found := http.StatusOK, health{"ok", map[string]string{}}
	for _, check := range p.checks {
		found.Parts[check.Name] = "ok"
		if err := check.Err(); err != nil {
			found.Parts[check.Name] = err.Error()
			if status == http.StatusOK {
				status, found.Status = http.StatusServiceUnavailable, check.Name
			}
		}
	}
	body, _ := json.Marshal(found) // strings: it cannot fail
	return &outcome{p.now(), status, append(body, '\n')}
}

// recent returns an outcome that is at most probeLife old.
func (p *probe) recent() *outcome {
	last := p.last.Load()
	if last == nil || p.now().Sub(last.at) >= probeLife {
		last = p.run()
		p.last.Store(last)
	}
	return last
}

// answer answers a probe on the sidecar's own connections.
func (p *probe) answer(w http.ResponseWriter, _ *http.Request) *fault {
	found := p.run()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(found.status)
	_, _ = w.Write(found.body) // an error here means that the client has gone
	return nil
}
