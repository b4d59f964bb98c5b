package e2e

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"momentum/internal/redistest"
	"momentum/server/auth"
)

// serveNode starts a node of a cluster, and waits until it is ready.
func serveNode(t *testing.T, redis *redistest.Server, name string, env ...string) *serving {
	t.Helper()
	s := serve(t, append([]string{"REDIS_URL=" + redis.URL(), "NODE_NAME=" + name}, env...)...)
	eventually(t, name+" is ready", func() bool { ok, _ := s.ready(t); return ok })
	return s
}

// watcher is a client that keeps what it hears.
type watcher struct {
	mu    sync.Mutex
	lines []string
}

func (s *serving) watch(t *testing.T, name string) *watcher {
	c := s.mustEnter(t, signFor(t, name))
	w := new(watcher)
	go func() {
		for {
			kind, text, err := c.Read(context.Background())
			if err != nil {
				return
			}
			if kind == websocket.MessageText {
				w.mu.Lock()
				w.lines = append(w.lines, string(text))
				w.mu.Unlock()
			}
		}
	}()
	return w
}

// count returns how many messages of a type about a user have come.
func (w *watcher) count(kind, user string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, line := range w.lines {
		if strings.Contains(line, `"`+kind+`"`) && strings.Contains(line, `"username":"`+user+`"`) {
			n++
		}
	}
	return n
}

// clusterStats are some figures of GET /ws/stats.
type clusterStats struct {
	Connections int  `json:"total_connections"`
	Users       int  `json:"unique_users"`
	Partial     bool `json:"partial"`
	Nodes       []struct {
		Name     string
		Answered bool
	}
	Missing []string `json:"missing_nodes"`
}

func (s *serving) clusterStats(t *testing.T, query string) (c clusterStats) {
	t.Helper()
	_, body := ask(t, "GET", "http://"+s.admin+"/ws/stats"+query, "")
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// whoIs has a client ask which users are online, and returns the answer.
func whoIs(t *testing.T, c *websocket.Conn) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := c.Write(ctx, websocket.MessageText, []byte(`{"id":"w","message_type":"who"}`))
	for err == nil {
		var text []byte
		if _, text, err = c.Read(ctx); strings.Contains(string(text), `"message_type":"who"`) {
			return string(text)
		}
	}
	t.Fatal(err)
	return ""
}

// TestNodesAreOneForUsersAndAdministrators bans a user on two nodes, and kills a node.
func TestNodesAreOneForUsersAndAdministrators(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	a, b := serveNode(t, redis, "a"), serveNode(t, redis, "b")
	eventually(t, "the nodes know each other", func() bool { return len(a.clusterStats(t, "").Nodes) == 2 })
	alice := a.watch(t, "alice")
	b.watch(t, "bob")
	b.watch(t, "carol")
	carol := a.mustEnter(t, signFor(t, "carol"))
	eventually(t, "alice hears of both", func() bool {
		return alice.count("user_joined", "bob") == 1 && alice.count("user_joined", "carol") == 1
	})
	for _, s := range []*serving{a, b} { // a node learns within 3 s that a user is on two nodes
		eventually(t, "figures", func() bool { c := s.clusterStats(t, ""); return c.Connections == 4 && c.Users == 3 && !c.Partial })
	}
	if c := a.clusterStats(t, "?scope=node"); c.Connections != 2 || c.Users != 2 || c.Nodes != nil {
		t.Errorf("%+v", c)
	}
	if _, body := ask(t, "GET", "http://"+b.admin+"/ws/online", ""); !strings.Contains(body, `"count":3`) || strings.Count(body, "carol") != 1 {
		t.Error(body)
	}
	if page := whoIs(t, carol); !strings.Contains(page, `"count":3,"users":[`) || strings.Count(page, "user_id") != 3 || !strings.Contains(page, `"username":"bob"`) {
		t.Errorf("carol is told that these are online: %s", page)
	}
	ban(t, a, carol)
	serveNode(t, redis, "late").wantRefused(t, signFor(t, "carol"), 403, "banned")
	eventually(t, "carol has left", func() bool { return alice.count("user_left", "carol") == 1 })
	killNode(t, a, b, alice)
	emptyRedis(t, redis, a)
}

// emptyRedis has Redis restart without its data. The node that goes on has the ban kept again, for one that starts later.
func emptyRedis(t *testing.T, redis *redistest.Server, a *serving) {
	t.Helper()
	redis.Kill(t)
	redis.RestartEmpty(t)
	eventually(t, "the ban is kept again", func() bool { return redis.Do(t, "ZCARD", "mo:out") == int64(1) })
	eventually(t, "the node is ready again", func() bool { ok, _ := a.ready(t); return ok })
	serveNode(t, redis, "later").wantRefused(t, signFor(t, "carol"), 403, "banned")
}

// ban bans carol on both nodes.
func ban(t *testing.T, a *serving, carol *websocket.Conn) {
	t.Helper()
	id := auth.UserID("carol").String()
	status, body := ask(t, "POST", "http://"+a.admin+"/ws/disconnect", `{"user_id":"`+id+`","ban_seconds":600}`)
	if status != 200 || !strings.Contains(body, `"connections":2,"nodes":2,"kept":"cluster"`) {
		t.Errorf("%d %s", status, body)
	}
	wantEnded(t, 4004, "", carol)
}

// killNode kills a node. Bob, who was on it, is told to have left once, within 15 s.
func killNode(t *testing.T, a, b *serving, alice *watcher) {
	t.Helper()
	b.signal(syscall.SIGKILL)
	began := time.Now()
	if c := a.clusterStats(t, ""); !c.Partial || len(c.Missing) != 1 || c.Missing[0] != "b" {
		t.Errorf("%+v", c)
	}
	eventually(t, "bob has left", func() bool { return alice.count("user_left", "bob") == 1 })
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %v", took)
	}
	eventually(t, "the node is gone", func() bool { c := a.clusterStats(t, ""); return !c.Partial && c.Connections == 1 && c.Users == 1 })
	if n := alice.count("user_left", "bob"); n != 1 {
		t.Errorf("alice hears of it %d times", n)
	}
}
