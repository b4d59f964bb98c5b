package client

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestMessagesThatCannotBeReadAreIgnored(t *testing.T) {
	withClient(t, Options{Raw: true}, openAttempt("", "7", "{", `{"message_type":"gap","data":7}`, `{"message_type":"position","data":7}`, `{"message_type":"welcome","data":{"epoch":"e9"}}`,
		`{"message_type":"error","data":7}`, `{"message_type":"subscribed","data":7}`, `{"message_type":"user_joined","data":7}`, `{"message_type":"future","id":"a"}`), func(t *testing.T, c *Client, _ *script) {
		raw := 0
		for e := range c.Events() {
			if _, ok := e.(Raw); ok {
				raw++
			}
			if m, ok := e.(Message); ok {
				if m.ID != "a" || m.Type != "future" {
					t.Error(m)
				}
				break
			}
		}
		if raw != 11 || c.position.Epoch != "e1" {
			t.Error(raw, c.position)
		}
	})
}

func TestAServerThatDoesNotKnowResumeIsUsedAfterTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript([]attempt{{Open: &opened{noWelcome: true}}})
		c, err := Connect(t.Context(), "ws://host/ws", Options{Dial: s.dial, Grace: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if ack, err := c.Send(t.Context(), 1); !ack.Stored || err != nil || s.at() != 1 {
			t.Error(ack, err, s.at())
		}
		<-time.After(time.Minute)
		if c.State().Phase != Open || len(s.started) != 1 {
			t.Error(c.State())
		}
		c.Close()
		s.close()
	})
}

func TestAConnectionOutlivesATokenFunctionThatFails(t *testing.T) {
	p := &program{fails: []int{2}, script: newScript(nil)}
	withClient(t, Options{TokenFunc: p.newToken}, openAttempt(`{"message_type":"token_expiring","data":{}}`), func(t *testing.T, c *Client, s *script) {
		synctest.Wait()
		if len(s.sent) != 0 || c.tokens.token != "" || c.tokens.why != "token_expiring" || c.State().Phase != Open {
			t.Error(s.sent, c.tokens.token)
		}
	})
}
