package e2e

import (
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	coder "github.com/coder/websocket"

	"momentum/internal/redistest"
)

// TestClusterPageCommands runs the commands of docs/CLUSTER.md in order, on free ports. A command that the test does not know how to run
// fails it.
func TestClusterPageCommands(t *testing.T) {
	p := &clusterPage{clients: make(map[string]*process)}
	for _, command := range shellCommands(t, "../../docs/CLUSTER.md") {
		name, rest, _ := strings.Cut(command, " ")
		switch {
		case command == "make build":
			dryRun(t, rest)
		case name == "export":
			p.env = append(p.env, rest)
		case name == "redis-server":
			p.startRedis(t, rest)
		case strings.HasPrefix(command, "bin/momentum serve ") && strings.HasSuffix(command, " &"):
			p.serve(t, strings.TrimSuffix(command, " &"))
		case name == "bin/websocket_client":
			p.connect(t, command)
		case name == "curl":
			p.nodes[0].curl(t, p.local(command))
		case command == "kill %1 %2 %3" && len(p.nodes) == 3:
			p.end(t)
		case command == "redis-cli -p 6379 shutdown nosave":
			p.redis.Stop(t, redistest.NoSave)
			p.redis = nil
		default:
			t.Errorf("docs/CLUSTER.md has the command %q, which no test runs", command)
		}
	}
	if p.redis != nil || len(p.nodes) > 0 {
		t.Error("docs/CLUSTER.md does not end what it has started")
	}
}

// clusterPage is what the commands of docs/CLUSTER.md have started.
type clusterPage struct {
	env     []string
	ports   []string // pairs: host and port in the page, and here
	redis   *redistest.Server
	nodes   []*serving
	clients map[string]*process
}

// local returns a text of the page with the ports that are used here.
func (p *clusterPage) local(text string) string { return strings.NewReplacer(p.ports...).Replace(text) }

// startRedis starts Redis with the options of a command line.
func (p *clusterPage) startRedis(t *testing.T, options string) {
	var directives []string
	for option := range strings.SplitSeq(" "+options, " --") {
		switch name, _, _ := strings.Cut(option, " "); name {
		case "", "port", "bind", "daemonize":
		default:
			directives = append(directives, option)
		}
	}
	p.redis = redistest.Start(t, directives...)
	p.ports = append(p.ports, "127.0.0.1:6379", p.redis.Addr())
}

var pagePorts = regexp.MustCompile(`--port (\d+) --admin-addr (\S+)`)

func (p *clusterPage) serve(t *testing.T, command string) {
	ports := pagePorts.FindStringSubmatch(command)
	if ports == nil {
		t.Fatalf("docs/CLUSTER.md has a node without ports: %s", command)
	}
	s := locate(p.start(t, strings.Replace(command, ports[0], "--port 0 --admin-addr 127.0.0.1:0", 1)))
	s.isReady(t)
	p.nodes = append(p.nodes, s)
	p.ports = append(p.ports, "127.0.0.1:"+ports[1], s.ws, ports[2], s.admin)
}

// start starts a program with the variables that the page exports.
func (p *clusterPage) start(t *testing.T, command string) *process {
	env := []string{"BIN=" + bin, "LOG_FORMAT=json"}
	for _, variable := range p.env {
		env = append(env, p.local(variable))
	}
	return start(t, env, "/bin/sh", "-c", strings.Replace(p.local(command), "bin/", `exec "$BIN"/`, 1))
}

// connect connects a client, and has carol write to bob as the page says.
func (p *clusterPage) connect(t *testing.T, command string) {
	_, name, _ := strings.Cut(command, "--username ")
	c := p.start(t, command)
	c.expect("Connected")
	if p.clients[name] = c; name == "carol" {
		c.say("text Hello from another node")
		p.clients["bob"].expect("Hello from another node")
	}
}

// end compares what the clients have got with what the page says, and ends the nodes.
func (p *clusterPage) end(t *testing.T) {
	p.clients["bob"].expect("for you")
	p.clients["bob"].expect("to all nodes")
	p.clients["carol"].expect("to all nodes")
	for _, s := range p.nodes {
		s.signal(syscall.SIGTERM)
	}
	for _, s := range p.nodes {
		if code := s.exit(); code != 0 {
			t.Errorf("a node ended with the exit code %d", code)
		}
	}
	p.nodes = nil
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
