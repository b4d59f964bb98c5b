package main

import (
	"context"
	"testing"
)

// TestAServerWithoutAWelcomeIsAnError: a client could not resume there.
func TestAServerWithoutAWelcomeIsAnError(t *testing.T) {
	p := here(t, plainServer{newMembers(), true})
	p.dialect = &productDialect
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if m, err := p.jitter(ctx, jittery(1)); err == nil {
		t.Errorf("%+v", m)
	}
}
