package e2e

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"momentum/internal/redistest"
)

// TestClusterPageCommands runs the curl commands of docs/CLUSTER.md against three nodes of one Redis, with bob and carol connected as
// the page says.
func TestClusterPageCommands(t *testing.T) {
	redis := redistest.Start(t, "maxmemory 1gb", "maxmemory-policy noeviction")
	nodes := make(map[string]*serving)
	for name, port := range map[string]string{"a": "800", "b": "801", "c": "802"} {
		nodes[port] = serve(t, "REDIS_URL="+redis.URL(), "NODE_NAME="+name)
		nodes[port].isReady(t)
	}
	bob, carol := nodes["801"].chatter(t, "bob"), nodes["802"].chatter(t, "carol")
	carol.say("text Hello from another node")
	bob.expect("Hello from another node")
	text, err := os.ReadFile("../../docs/CLUSTER.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^curl .*127\.0\.0\.1:(80.)1/.*$`).FindAllStringSubmatch(string(text), -1)
	for _, c := range commands {
		nodes[c[1]].curl(t, strings.ReplaceAll(c[0], "127.0.0.1:"+c[1]+"1", "127.0.0.1:8001"))
	}
	if len(commands) < 5 {
		t.Errorf("docs/CLUSTER.md has %d curl commands", len(commands))
	}
	bob.expect("for you")
	bob.expect("to all nodes")
	carol.expect("to all nodes")
}

// TestAsyncAPIDescribesPositions starts Redis without its data while a client is connected that can resume.
func TestAsyncAPIDescribesPositions(t *testing.T) {
	payloads, _, heard := describedMessages(t)
	redis := redistest.Start(t)
	s := serve(t, "REDIS_URL="+redis.URL())
	s.isReady(t)
	f := newFollower("alice")
	f.returns(t, s, false, 0, "new")
	redis.Kill(t)
	redis.RestartEmpty(t)
	seen := make(map[string]bool)
	for !seen["position"] {
		wantDescribed(t, payloads, heard, (&plain{c: f.c}).next(t), seen)
	}
}

// isReady waits until a node is ready.
func (s *serving) isReady(t *testing.T) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-again.C {
		if status, _ := ask(t, "GET", "http://"+s.admin+"/readyz", ""); status == 200 {
			return
		}
	}
	t.Fatal("the node is not ready")
}
