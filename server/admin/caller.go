package admin

import (
	"context"
	"net/http"
)

// caller is the holder of a token, or a program on this host, as GET /ws/stream tells it.
type caller struct {
	Name  string `json:"name"`
	Right Right  `json:"right"`
}

// callerKey is the key of the caller in a request's context.
type callerKey struct{}

func withCaller(r *http.Request, by caller) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), callerKey{}, by))
}

// callerOf returns the caller of a request that the access rule has allowed.
func callerOf(r *http.Request) caller {
	by, _ := r.Context().Value(callerKey{}).(caller)
	return by
}
