package client

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// withClient runs a test with a client of a scripted server, in virtual time.
func withClient(t *testing.T, options Options, attempts []attempt, test func(*testing.T, *Client, *script)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newScript(attempts)
		options.Dial = s.dial
		c, err := Connect(t.Context(), "ws://host/ws", options)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		test(t, c, s)
		c.Close()
		s.close()
	})
}

// openAttempt accepts a connection and sends messages at once.
func openAttempt(messages ...string) []attempt {
	o := new(opened)
	for _, m := range messages {
		o.Send = append(o.Send, timed{Message: []byte(m)})
	}
	return []attempt{{Open: o}}
}

func TestMessagesEndWithTheClient(t *testing.T) {
	withClient(t, Options{}, openAttempt(`{"message_type":"text","id":"a"}`, `{"message_type":"pong","id":"b"}`, `{"message_type":"text","id":"c"}`), func(t *testing.T, c *Client, _ *script) {
		var got string
		for m := range c.Messages() {
			got += m.ID
			if m.ID == "c" {
				c.Close()
			}
		}
		if got != "ac" || c.State().Phase != Closed {
			t.Error(got, c.State())
		}
		<-c.Done()
	})
}

func TestAClientGoesOnWhereAnotherWas(t *testing.T) {
	withClient(t, Options{Position: "e1.4.2"}, openAttempt(), func(t *testing.T, c *Client, s *script) {
		var resumed []Resumed
		for e := range c.Events() {
			if r, ok := e.(Resumed); ok {
				resumed = append(resumed, r)
				break
			}
		}
		if s.requests[0]["resume"] != "e1.4.2" || c.Position() != "e1.4.2" || !resumed[0].Resumed {
			t.Error(s.requests, c.Position(), resumed)
		}
	})
	if _, err := Connect(t.Context(), "ws://host/ws", Options{Position: "4"}); err == nil {
		t.Error("no error")
	}
}

func TestAContextEndsTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript([]attempt{{Silent: true}})
		ctx, cancel := context.WithCancel(t.Context())
		c, err := Connect(ctx, "ws://host/ws", Options{Dial: s.dial})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		cancel()
		var last Event
		for e := range c.Events() {
			last = e
		}
		if state, ok := last.(State); !ok || state.Why != "closed" || !errors.Is(state.Err, context.Canceled) {
			t.Error(last)
		}
		s.close()
	})
}

func TestAHandlerMayCloseTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript(openAttempt())
		ready := make(chan *Client, 1)
		c, err := Connect(t.Context(), "ws://host/ws", Options{Dial: s.dial, Handler: func(e Event) {
			if s, ok := e.(State); ok && s.Phase == Open {
				(<-ready).Close()
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		ready <- c
		<-c.Done()
		s.close()
	})
}

func TestAWrongURLIsAnError(t *testing.T) {
	if _, err := Connect(context.Background(), "host/ws", Options{}); err == nil {
		t.Error("no error")
	}
}
