package client

import (
	"context"
	"sync"
	"time"
)

// refreshTimeout bounds the call of the token function for an open connection. The server warns a minute before the connection ends with its
// token, or later: a token that takes longer comes too late.
const refreshTimeout = time.Minute

// tokens has the token, or knows why it must be replaced.
type tokens struct {
	source func(ctx context.Context, why string) (string, error) // nil: there is one token

	mu    sync.Mutex
	token string
	why   string // it must be replaced, if there is no token; "" before the first one
}

// current returns the token, and calls the token function if there is none, with a time limit.
func (t *tokens) current(ctx context.Context, limit time.Duration) (string, error) {
	t.mu.Lock()
	token, why := t.token, t.why
	t.mu.Unlock()
	if token != "" || t.source == nil {
		return token, nil
	}
	token, err := t.fetch(ctx, limit, why)
	if err == nil {
		t.set(token)
	}
	return token, err
}

// fetch calls the token function. It returns at the end of the time limit or of ctx, even if the function does not; the token that such a
// function returns later is dropped.
func (t *tokens) fetch(ctx context.Context, limit time.Duration, why string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	type answer struct {
		token string
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		token, err := t.source(ctx, why)
		answered <- answer{token, err}
	}()
	select {
	case a := <-answered:
		return a.token, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// set takes a new token.
func (t *tokens) set(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.why = token, ""
}

// drop forgets the token, which must be replaced.
func (t *tokens) drop(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.why = "", why
}
