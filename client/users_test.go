package client

import (
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
)

// page answers the n-th question for users: one on each page, with a next one up to a last.
func pages(last int) *opened {
	o := &opened{}
	for n := 1; n <= last; n++ {
		next := ""
		if n < last {
			next = fmt.Sprintf(`,"next":"c%d"`, n)
		}
		o.Who = append(o.Who, fmt.Appendf(nil, `{"count":%d,"users":[{"user_id":"u%d","username":"n%d"}]%s}`, last, n, n, next))
	}
	return o
}

func TestUsersAreAskedPageByPage(t *testing.T) {
	withClient(t, Options{}, []attempt{{Open: pages(3)}}, func(t *testing.T, c *Client, s *script) {
		users, count, err := c.Online(t.Context(), "news")
		if fmt.Sprint(users) != "[{u1 n1} {u2 n2} {u3 n3}]" || count != 3 || err != nil {
			t.Error(users, count, err)
		}
		second := s.sent[1]["message"].(map[string]any)["data"].(map[string]any)
		if second["after"] != "c1" || second["topic"] != "news" || second["limit"] != 1000.0 {
			t.Error(second)
		}
	})
	withClient(t, Options{}, []attempt{{Open: pages(20)}}, func(t *testing.T, c *Client, _ *script) {
		if users, count, err := c.Online(t.Context(), ""); len(users) != maxPages || count != 20 || err != nil {
			t.Error(users, count, err)
		}
	})
	withClient(t, Options{}, []attempt{{Silent: true}}, func(t *testing.T, c *Client, _ *script) {
		if _, _, err := c.Online(t.Context(), ""); err == nil {
			t.Error("without a connection")
		}
	})
}

func TestPresenceIsKept(t *testing.T) {
	server := pages(2)
	for _, m := range []string{
		`{"message_type":"user_joined","data":{"user_id":"u3","username":"n3"}}`,
		`{"message_type":"user_left","data":{"user_id":"u1","username":"n1"}}`,
		`{"message_type":"presence","data":{"online":812,"sample":{"joined":[{"user_id":"u4","username":"n4"}],"left":[{"user_id":"u3"}]}}}`,
		`{"message_type":"user_joined","topic":"news","data":{"user_id":"u9","username":"n9"}}`,
	} {
		server.Send = append(server.Send, timed{After: 1, Message: []byte(m)})
	}
	withClient(t, Options{Presence: true}, []attempt{{Open: server}}, func(t *testing.T, c *Client, s *script) {
		if err := c.Subscribe(t.Context(), "news", WithPresence()); err != nil {
			t.Error(err)
		}
		if got := c.Users("other"); got != nil {
			t.Error(got)
		}
		var seen []Presence
		for e := range c.Events() {
			if p, ok := e.(Presence); ok {
				seen = append(seen, p)
			}
			if len(seen) == 4 {
				break
			}
		}
		synctest.Wait()
		if got := c.Users(""); !maps.Equal(got, map[string]string{"u2": "n2", "u4": "n4"}) {
			t.Error(got)
		}
		if got := c.Users("news"); !maps.Equal(got, map[string]string{"u9": "n9"}) || seen[2].Online != 812 {
			t.Error(got, seen)
		}
	})
}

// TestUsersThatMayHaveLeftAreNotKept has the server announce that more users have left than it names.
func TestUsersThatMayHaveLeftAreNotKept(t *testing.T) {
	server := pages(2)
	m := `{"message_type":"presence","data":{"left":30,"online":12,"sample":{"joined":[{"user_id":"u4","username":"n4"}],"left":[{"user_id":"u1"}]}}}`
	server.Send = append(server.Send, timed{After: 1, Message: []byte(m)})
	withClient(t, Options{Presence: true}, []attempt{{Open: server}}, func(t *testing.T, c *Client, s *script) {
		for e := range c.Events() {
			if _, ok := e.(Presence); ok {
				break
			}
		}
		if got := c.Users(""); len(got) != 1 || got["u4"] != "n4" {
			t.Errorf("%v", got)
		}
	})
}
