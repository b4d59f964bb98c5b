package e2e

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	coder "github.com/coder/websocket"

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

// TestAsyncAPIDescribesPositions starts Redis without its data while a client is connected that can resume, and subscribes to a topic.
func TestAsyncAPIDescribesPositions(t *testing.T) {
	payloads, _, heard := describedMessages(t)
	redis := redistest.Start(t)
	s := serve(t, "REDIS_URL="+redis.URL(), "TOPICS_DEFAULT=all")
	s.isReady(t)
	f := newFollower("alice")
	f.returns(t, s, false, 0, "new")
	alice := &plain{c: f.c}
	alice.write(t, `{"message_type":"subscribe","data":{"topics":["news"]}}`)
	alice.next(t)
	redis.Kill(t)
	redis.RestartEmpty(t)
	seen := make(map[string]bool)
	for own, topic := false, false; !own || !topic; {
		m := alice.next(t)
		wantDescribed(t, payloads, heard, m, seen)
		own, topic = own || strings.Contains(m, `"broadcast":`), topic || strings.Contains(m, `"topic":"news"`)
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

// TestAClientResumesOnAnotherNodeBehindHAProxy kills the node of a client, and sends messages meanwhile. HAProxy takes the client to
// the other node, which has them.
func TestAClientResumesOnAnotherNodeBehindHAProxy(t *testing.T) {
	redis := redistest.Start(t)
	settings := []string{"REDIS_URL=" + redis.URL(), "TRUSTED_PROXIES=127.0.0.1"}
	nodes := []*serving{serve(t, settings...), serve(t, settings...)}
	for _, s := range nodes {
		s.isReady(t)
	}
	front, _ := behindHAProxy(t, nodes[0], checkOf(nodes[0].admin), nodes[1])
	alice := newFollower("alice")
	alice.dial(t, "ws://"+front.plain, coder.DialOptions{})
	here, other := nodes[0], nodes[1]
	if _, stats := ask(t, "GET", "http://"+here.admin+"/ws/stats", ""); !strings.Contains(stats, `"total_connections":1,`) {
		here, other = other, here
	}
	other.publish(t, "", "before", "a")
	alice.wantNext(t, "a")
	if err := here.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	here.exit()
	other.publish(t, "", "meanwhile", "b", "c")
	other.publish(t, "alice", "meanwhile", "d")
	if w := alice.dial(t, "ws://"+front.plain, coder.DialOptions{}); !w.Resumed || w.Missed != 3 {
		t.Errorf("on the other node, alice is welcomed with %+v", w)
	}
	alice.wantNext(t, "d", "b", "c")
}
