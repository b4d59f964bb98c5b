package client

import (
	"errors"
	"testing"
	"testing/synctest"
)

func TestAcknowledgedSends(t *testing.T) {
	withClient(t, Options{}, openAttempt(), func(t *testing.T, c *Client, s *script) {
		for name, send := range map[string]func() (Ack, error){
			"to all":     func() (Ack, error) { return c.Send(t.Context(), 1) },
			"to a user":  func() (Ack, error) { return c.SendTo(t.Context(), "u1", 1) },
			"to a topic": func() (Ack, error) { return c.Publish(t.Context(), "news", 1) },
		} {
			if ack, err := send(); !ack.Stored || err != nil {
				t.Error(name, ack, err)
			}
		}
		if _, err := c.Send(t.Context(), make(chan int)); err == nil {
			t.Error("a channel was sent")
		}
	})
}

func TestWriteNeedsAConnection(t *testing.T) {
	withClient(t, Options{}, []attempt{{Silent: true}}, func(t *testing.T, c *Client, _ *script) {
		if err := c.Write([]byte("{}")); !errors.Is(err, errNotOpen) {
			t.Error(err)
		}
	})
	withClient(t, Options{MaxSent: 20}, openAttempt(), func(t *testing.T, c *Client, s *script) {
		if err := c.Write([]byte(`{"message_type":"x"}`)); err != nil {
			t.Error(err)
		}
		if err := c.Write([]byte(`{"message_type":"xy"}`)); err == nil {
			t.Error("too long, and sent")
		}
		if synctest.Wait(); len(s.sent) != 1 {
			t.Error(s.sent)
		}
	})
}

func TestPingWaitsForThePong(t *testing.T) {
	withClient(t, Options{NoResume: true, Raw: true}, []attempt{{Open: &opened{noWelcome: true}}}, func(t *testing.T, c *Client, s *script) {
		if err := c.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		for e := range c.Events() {
			if raw, ok := e.(Raw); ok {
				if raw.Payload != nil {
					t.Error(raw)
				}
				break
			}
		}
	})
	withClient(t, Options{}, []attempt{{Silent: true}}, func(t *testing.T, c *Client, _ *script) {
		if err := c.Ping(t.Context()); !errors.Is(err, errNotOpen) {
			t.Error(err)
		}
	})
}

func TestAMessageWithoutAReceiverIsNotSentToEverybody(t *testing.T) {
	withClient(t, Options{}, openAttempt(), func(t *testing.T, c *Client, s *script) {
		_, toNobody := c.SendTo(t.Context(), "", "secret")
		_, toNoTopic := c.Publish(t.Context(), "", "secret")
		var user, topic *Error
		if !errors.As(toNobody, &user) || user.Code != "bad_user_id" || !errors.As(toNoTopic, &topic) || topic.Code != "bad_topic" {
			t.Error(toNobody, toNoTopic)
		}
		if synctest.Wait(); len(s.sent) != 0 {
			t.Error(s.sent)
		}
	})
}
