package admin

import (
	"context"
	"errors"
	"net/http"
	"net/http/pprof" // registers itself on http.DefaultServeMux, which nothing serves
	"strconv"
	"strings"
	"time"

	"momentum/server"
)

const profiles = "/debug/pprof/"

// profile serves the profiles of net/http/pprof, except the command line, which may contain secrets.
func (c *sidecar) profile(w http.ResponseWriter, r *http.Request) *fault {
	if text := r.URL.Query().Get("seconds"); text != "" {
		if n, err := strconv.ParseFloat(text, 64); err != nil || !(n > 0 && n <= maxProfileSeconds) {
			return &fault{400, "bad_seconds", "seconds must be above 0 and up to " + strconv.Itoa(maxProfileSeconds)}
		}
	}
	// The read deadline would end the profile. pprof extends the write deadline itself.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	switch strings.TrimPrefix(r.URL.Path, profiles) {
	case "cmdline":
		return notFound(w, r)
	case "profile":
		pprof.Profile(w, r)
	case "trace":
		pprof.Trace(w, r)
	default:
		pprof.Index(w, r)
	}
	return nil
}

// symbol looks up the names of addresses in a profile.
func (c *sidecar) symbol(w http.ResponseWriter, r *http.Request) *fault {
	pprof.Symbol(w, r)
	return nil
}

// consistencyAnswer is the outcome of a consistency check.
type consistencyAnswer struct {
	Consistent bool     `json:"consistent"`
	Faults     []string `json:"faults"`
}

// consistency has the reactors check their records against each other.
func (c *sidecar) consistency(w http.ResponseWriter, r *http.Request) *fault {
	ctx, cancel := context.WithTimeout(r.Context(), cleanupTimeout)
	defer cancel()
	err := c.server.Audit(ctx)
	if ctx.Err() != nil {
		return &fault{503, "overloaded", "the reactors did not answer in time; look at /livez"}
	}
	found := consistencyAnswer{Consistent: err == nil, Faults: []string{}}
	if err != nil {
		found.Faults = strings.Split(err.Error(), "\n")
	}
	respond(w, http.StatusOK, found)
	return nil
}

// drain begins a drain, or finds one in progress, and returns its progress. DELETE ends the drain.
func (c *sidecar) drain(w http.ResponseWriter, r *http.Request) *fault {
	if r.Method == http.MethodDelete {
		return c.endDrain(w)
	}
	if _, fault := readFields(w, r); fault != nil {
		return fault
	}
	c.Log.Info("asked to drain", "peer", r.RemoteAddr)
	respond(w, http.StatusOK, c.server.StartDrain())
	return nil
}

func (c *sidecar) endDrain(w http.ResponseWriter) *fault {
	progress, err := c.server.EndDrain()
	switch {
	case errors.Is(err, server.ErrNotDraining):
		return &fault{404, "not_draining", "the node is not draining: there is nothing to end"}
	case err != nil:
		return &fault{409, "stopping", "the node has been told to stop: it cannot come back before it is started again"}
	}
	respond(w, http.StatusOK, progress)
	return nil
}
