package client

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestATokenFunctionThatNeverReturnsStopsNothing has a function that does not heed its context.
func TestATokenFunctionThatNeverReturnsStopsNothing(t *testing.T) {
	var calls atomic.Int32
	token := func(context.Context, string) (string, error) {
		if calls.Add(1) == 1 {
			<-time.After(time.Hour)
			return "late", nil
		}
		return "t2", nil
	}
	withClient(t, Options{TokenFunc: token}, openAttempt(), func(t *testing.T, c *Client, _ *script) {
		<-time.After(attemptTimeout + firstBackoff)
		if synctest.Wait(); c.State().Phase != Open || calls.Load() != 2 {
			t.Error(c.State(), calls.Load())
		}
		<-time.After(time.Hour)
		if synctest.Wait(); c.tokens.token != "t2" {
			t.Errorf("the token is now %q", c.tokens.token)
		}
	})
}

// TestARefreshHasATimeLimit has a token that comes after more than a minute, on a connection that is still there.
func TestARefreshHasATimeLimit(t *testing.T) {
	calls := 0
	var limit time.Duration
	token := func(ctx context.Context, why string) (string, error) {
		if calls++; why != "" {
			deadline, _ := ctx.Deadline()
			limit = time.Until(deadline)
			<-ctx.Done()
		}
		return "t1", ctx.Err()
	}
	server := []attempt{parseAttempt(`{"open":{"send":[{"after":1,"message":{"message_type":"token_expiring","data":{}}}]}}`)}
	withClient(t, Options{TokenFunc: token}, server, func(t *testing.T, c *Client, s *script) {
		<-time.After(2 * refreshTimeout)
		if synctest.Wait(); limit != refreshTimeout || calls != 2 {
			t.Error(limit, calls)
		}
	})
}
