package client

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestASubscriptionIsAskedForOnce(t *testing.T) {
	withClient(t, Options{}, openAttempt(), func(t *testing.T, c *Client, s *script) {
		for range 2 {
			if err := c.Subscribe(t.Context(), "news"); err != nil {
				t.Error(err)
			}
		}
		c.Unsubscribe("news")
		c.Unsubscribe("news")
		if synctest.Wait(); len(s.sent) != 2 {
			t.Error(s.sent)
		}
	})
}

func TestASubscriptionOutlivesItsCall(t *testing.T) {
	withClient(t, Options{}, []attempt{{Silent: true}}, func(t *testing.T, c *Client, _ *script) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.Subscribe(ctx, "news"); !errors.Is(err, context.Canceled) || len(c.topics.names()) != 1 {
			t.Error(err)
		}
	})
}

func TestUnsubscribeSettlesTheSubscribe(t *testing.T) {
	withClient(t, Options{}, []attempt{{Silent: true}}, func(t *testing.T, c *Client, _ *script) {
		answered := c.subscribe("news", nil)
		c.Unsubscribe("news")
		if fault := new(Error); !errors.As(<-answered, &fault) || fault.Code != "unsubscribed" {
			t.Error(fault)
		}
	})
}
