package admin

import (
	"net/http"
	"time"

	"momentum/server/trace"
)

// traced hands over each call that it answers, unless there is no sink. A call that the access rule refuses does not come here:
// nobody but administrators can make traces.
func traced(into trace.Sink, now func() time.Time, next answer) answer {
	if into == nil {
		return next
	}
	return func(w http.ResponseWriter, r *http.Request) *fault {
		call := trace.Call{
			Parent: r.Header.Get("Traceparent"), Begin: now(),
			Method: r.Method, Route: r.Pattern, By: callerOf(r).Name, From: r.RemoteAddr,
		}
		seen := &witness{ResponseWriter: w, status: http.StatusOK}
		refused := next(seen, r)
		if call.Status = seen.status; refused != nil {
			call.Status = refused.status
		}
		call.End = now()
		into.Call(call)
		return refused
	}
}
