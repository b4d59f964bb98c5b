package server

import (
	"context"
	"sync"
)

// await waits for reactors to answer, but no longer than the context allows.
func await(ctx context.Context, answers *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() {
		answers.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
