package admin

import (
	"context"
	"net/http"
)

// change returns the handler of a call that changes something: it keeps and logs who has made it, and its outcome.
func (c *sidecar) change(method string, next answer, parameters ...string) http.Handler {
	return c.guarded(only(method, c.recorded(withQuery(next, parameters...))))
}

func (c *sidecar) recorded(next answer) answer {
	return func(w http.ResponseWriter, r *http.Request) *fault {
		made := Change{At: c.server.Now().UTC(), By: callerOf(r).Name, From: r.RemoteAddr, Call: r.Method + " " + r.URL.Path}
		for name, values := range r.URL.Query() {
			made.set(name, values[0])
		}
		seen := &witness{ResponseWriter: w, status: http.StatusOK}
		refused := next(seen, r.WithContext(context.WithValue(r.Context(), changeKey{}, &made)))
		if made.Status = seen.status; refused != nil {
			made.Status = refused.status
		}
		c.Changes.add(made)
		c.Log.Info("an administrator's call", "by", made.By, "from", made.From, "call", made.Call, "with", made.With, "status", made.Status)
		return refused
	}
}
