package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"momentum/internal/redistest"
	"momentum/server/auth"
)

// question is a row of the table "Questions and the command that answers each" in docs/OPERATIONS.md.
type question struct {
	text, command string
	fields        []string // that the answer has: paths of JSON, or texts
}

// operatorQuestions reads the table.
func operatorQuestions(t *testing.T) (all []question) {
	t.Helper()
	page, err := os.ReadFile("../../docs/OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Questions and the command that answers each\n")
	section, _, _ = strings.Cut(section, "\n## ")
	code := regexp.MustCompile("`([^`]+)`")
	for line := range strings.SplitSeq(section, "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) != 3 || !strings.HasPrefix(cells[1], "`") {
			continue
		}
		q := question{text: cells[0], command: strings.Trim(cells[1], "`")}
		for _, found := range code.FindAllStringSubmatch(cells[2], -1) {
			q.fields = append(q.fields, found[1])
		}
		all = append(all, q)
	}
	return all
}

// operator asks the questions, in a shell with the settings of the node and with the programs of this test.
type operator struct {
	t        *testing.T
	settings []string
	fit      *strings.Replacer // the addresses of the page to those of the node
}

// ask runs the command of a question until the answer has all its fields, with the wanted values, for less than the minute in which an
// operator wants to know. A wanted value is FIELD=VALUE of an answer in JSON, otherwise a text.
func (o *operator) ask(q question, want ...string) {
	o.t.Helper()
	again := time.NewTicker(250 * time.Millisecond)
	defer again.Stop()
	for began := time.Now(); ; <-again.C {
		said, err := o.run(q.command)
		missing := lacking(said, q.fields, want)
		if err == nil && len(missing) == 0 {
			o.t.Logf("%s answered after %v", q.text, time.Since(began).Round(time.Millisecond))
			return
		}
		if err != nil || time.Since(began) > patience {
			o.t.Errorf("%s %s: %v; the answer lacks %q:\n%s", q.text, q.command, err, missing, said)
			return
		}
	}
}

// run runs a command. Its exit status must be 0, or that of a doctor that has found problems, as this host may have.
func (o *operator) run(command string) (said string, err error) {
	ctx, stop := context.WithTimeout(o.t.Context(), patience)
	defer stop()
	shell := exec.CommandContext(ctx, "sh", "-c", o.fit.Replace(command))
	shell.Env = append([]string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + o.t.TempDir()}, o.settings...)
	out, err := shell.CombinedOutput()
	if strings.HasPrefix(command, "momentum doctor") && strings.HasPrefix(string(out), "problem") && shell.ProcessState.ExitCode() == 1 {
		err = nil
	}
	return string(out), err
}

// lacking returns the fields and the values that an answer does not have.
func lacking(answer string, fields, want []string) (missing []string) {
	var value any
	isJSON := json.Unmarshal([]byte(answer), &value) == nil
	has := func(item string) bool {
		if !isJSON {
			return strings.Contains(answer, item)
		}
		path, wanted, valued := strings.Cut(item, "=")
		got, found := at(value, path)
		return found && (!valued || fmt.Sprint(got) == wanted)
	}
	for _, item := range append(append([]string(nil), fields...), want...) {
		if !has(item) {
			missing = append(missing, item)
		}
	}
	return missing
}

// at returns the value at a path such as closes[0].reason.
func at(value any, path string) (any, bool) {
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		switch v := value.(type) {
		case map[string]any:
			next, found := v[step]
			if !found {
				return nil, false
			}
			value = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// surroundings is a cluster with clients, as the questions find it.
type surroundings struct {
	t       *testing.T
	a, b    *serving
	stormed *process // the clients of the storm; it ends when all of them have been connected
}

const questionsToken = "open sesame"

// surround starts two nodes of a cluster. The one that is asked has few places, and admits few clients a second.
func surround(t *testing.T) (*surroundings, *operator) {
	t.Helper()
	redis := redistest.Start(t, "maxmemory 1gb", "maxmemory-policy noeviction")
	settings := []string{"ADMIN_TOKEN=" + questionsToken, "WS_HANDSHAKE_RATE=100", "WS_MAX_CONNECTIONS=2000"}
	s := &surroundings{t: t, a: serveNode(t, redis, "a", settings...), b: serveNode(t, redis, "b", settings...)}
	o := &operator{t: t, fit: strings.NewReplacer("127.0.0.1:8000", s.a.ws, "127.0.0.1:8001", s.a.admin)}
	o.settings = append(settings, "REDIS_URL="+redis.URL(), "JWT_SECRET="+testSecret, "ADMIN_ADDR="+s.a.admin, fmt.Sprint("NODE_PID=", s.a.cmd.Process.Pid),
		"USER_ID="+auth.UserID("carol").String(), "TOKEN="+signFor(t, "carol"))
	return s, o
}

// talk connects a listener, and a client that sends everybody much.
func (s *surroundings) talk() {
	s.t.Helper()
	s.a.watch(s.t, "listener")
	talker := &plain{c: s.a.mustEnter(s.t, signFor(s.t, "talker"))}
	for range 20 {
		talker.write(s.t, `{"message_type":"text","data":"`+strings.Repeat("much ", 1000)+`"}`)
	}
}

// storm has more clients arrive than the node admits, for eight seconds. The rest come back for four more.
func (s *surroundings) storm() {
	s.t.Helper()
	s.stormed = start(s.t, []string{"JWT_SECRET=" + testSecret}, filepath.Join(bin, "websocket_stress_test"), "--test-type", "storm", "--url", "ws://"+s.a.ws+"/ws",
		"--connections", "1200", "--arrival-rate", "150", "--max-concurrent", "1200", "--duration", "60", "--source", "127.0.0.2")
}

// disconnect waits for the end of the storm, and bans a client.
func (s *surroundings) disconnect() {
	s.t.Helper()
	if code := s.stormed.exit(); code != 0 {
		s.t.Errorf("the stress tool exits with %d", code)
	}
	status, body := ask(s.t, "POST", "http://"+s.a.admin+"/ws/disconnect", `{"user_id":"`+auth.UserID("carol").String()+`","ban_seconds":600}`,
		"Authorization", "Bearer "+questionsToken)
	if status != 200 {
		s.t.Fatalf("the ban: %d %s", status, body)
	}
}

// TestEveryQuestionOfOperationsHasItsAnswer asks all questions of docs/OPERATIONS.md, in their order, while there is a storm, a ban, and a
// node that was killed. It fails if the page asks others.
func TestEveryQuestionOfOperationsHasItsAnswer(t *testing.T) {
	t.Parallel()
	s, o := surround(t)
	carol, id := func() { s.b.watch(t, "carol") }, auth.UserID("carol").String()
	kill := func() { s.b.signal(syscall.SIGKILL) }
	page := operatorQuestions(t)
	for i, q := range []struct {
		text   string
		before func()
		want   []string
	}{
		{"Which clients take the most?", s.talk, []string{"listener"}},
		{"Which clients send the most?", nil, []string{"connections[0].username=talker", "connections[0].address=127.0.0.1"}},
		{"Is this a storm, since when, and when is it over?", s.storm, nil},
		{"How long would it take if everybody came back now?", nil, nil},
		{"The same two, for a script", nil, []string{"storm.state=storm"}},
		{"Which handshakes were refused, and why?", nil, []string{"closes[0].reason=busy", "closes[0].code=503"}},
		{"Which limit is reached first, and at how many connections?", nil, []string{"this host holds 2000 connections", "WS_MAX_CONNECTIONS"}},
		{"How near is the node to its limits?", nil, []string{"connections.limit=2000"}},
		{"Which clients are connected from one address?", carol, nil},
		{"Where is a user connected?", nil, []string{"connections[0].node=b", "connections[0].username=carol"}},
		{"Which clients were cut off, and why?", s.disconnect, []string{"closes[0].user_id=" + id, "closes[0].reason=disconnected"}},
		{"Why was this user cut off?", nil, []string{"closes[0].reason=disconnected", "closes[0].username=carol"}},
		{"Why is this client refused?", nil, []string{"HTTP/1.1 403 Forbidden", `"error":"banned"`}},
		{"Which bans are in force?", nil, []string{"bans[0].user_id=" + id}},
		{"How do I lift a ban?", nil, []string{"nodes=2"}},
		{"What did administrators change?", nil, []string{"changes[0].call=DELETE /ws/bans/" + id, "changes[0].by=admin", "changes[0].status=200"}},
		{"Is the node ready, and if not, which part?", nil, []string{"status=ok"}},
		{"Is the cluster whole?", kill, []string{"missing_nodes[0]=b", "nodes[0].name=a", "nodes[0].answered=true", "cluster.state=healthy"}},
	} {
		if i >= len(page) || page[i].text != q.text {
			t.Fatalf("question %d is %q here, and another one in docs/OPERATIONS.md", i+1, q.text)
		}
		if q.before != nil {
			q.before()
		}
		o.ask(page[i], q.want...)
		if len(page[i].fields) == 0 {
			t.Errorf("%s: docs/OPERATIONS.md names nothing in the answer", q.text)
		}
	}
	if len(page) != 18 {
		t.Errorf("docs/OPERATIONS.md has %d questions", len(page))
	}
}
