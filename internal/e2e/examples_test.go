package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestGoExample builds the client in Go and runs it against a node.
func TestGoExample(t *testing.T) {
	program := filepath.Join(t.TempDir(), "example")
	if out, err := exec.Command("go", "build", "-o", program, "momentum/examples/go").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Run("chats and comes back", func(t *testing.T) { chatsAndComesBack(t, program) })
	t.Run("gives up when it is refused", func(t *testing.T) { givesUp(t, program) })
}

// chatsAndComesBack exchanges messages with another client, and again after the node was killed and restarted.
func chatsAndComesBack(t *testing.T, program string) {
	s := serve(t)
	example := start(t, []string{"MOMENTUM_URL=ws://" + s.ws + "/ws", "TOKEN=" + signFor(t, "alice")}, program)
	example.expect("connected")
	example.chats(s, t, "bob")
	s = s.restart(t)
	example.expect("trying again")
	awaitConnections(t, s, 1)
	example.chats(s, t, "carol")
	example.signal(syscall.SIGINT)
	if code := example.exit(); code != 0 {
		t.Errorf("an interrupted example exits with %d", code)
	}
}

// chats sends a message each way between the example and a new client.
func (p *process) chats(s *serving, t *testing.T, name string) {
	t.Helper()
	other := s.chatter(t, name)
	other.say("text hello from " + name)
	p.expect("hello from " + name)
	p.say("hello to " + name)
	other.expect("hello to " + name)
}

// givesUp starts the example with a token that the server refuses: it prints the reason and ends.
func givesUp(t *testing.T, program string) {
	s := serve(t)
	example := start(t, []string{"MOMENTUM_URL=ws://" + s.ws + "/ws", "TOKEN=a.b.c"}, program)
	example.expect("token_malformed")
	if code := example.exit(); code == 0 {
		t.Error("a refused example exits with 0")
	}
}

// TestPageExample serves the page from a site of its own, which the node allows, and chats through it in Chromium, also
// after the node was killed and restarted.
func TestPageExample(t *testing.T) {
	site := httptest.NewServer(http.FileServer(http.Dir("../../examples/browser")))
	t.Cleanup(site.Close)
	s := serve(t, "ALLOWED_ORIGINS="+site.URL)
	tab := newBrowser(t)
	do(t, tab, chromedp.Navigate(site.URL+"/#url=ws://"+s.ws+"/ws&token="+signFor(t, "alice")))
	for _, name := range []string{"bob", "carol"} {
		awaitConnections(t, s, 1)
		other := s.chatter(t, name)
		other.say("text hello from " + name)
		do(t, tab, poll(`document.querySelector("#log").textContent.includes("hello from `+name+`")`))
		do(t, tab, chromedp.SendKeys("#text", "hello to "+name), chromedp.Click("button"))
		other.expect("hello to " + name)
		do(t, tab, poll(`document.querySelector("#log").textContent.includes("you: hello to `+name+`")`))
		if name == "bob" {
			s = s.restart(t, "ALLOWED_ORIGINS="+site.URL)
		}
	}
}

// poll waits in the page until an expression is true.
func poll(expression string) chromedp.Action[chromedp.Void] {
	return chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(patience))
}

// TestCurlExample runs the script with the admin token, and without it.
func TestCurlExample(t *testing.T) {
	const adminToken = "the admin token of the end-to-end tests"
	s := serve(t, "ADMIN_TOKEN="+adminToken)
	alice := s.chatter(t, "alice")
	script := func(env ...string) (string, error) {
		command := exec.Command("bash", "../../examples/curl.sh")
		command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "ADMIN=http://" + s.admin, "no_proxy=*"}, env...)
		out, err := command.CombinedOutput()
		return string(out), err
	}
	out, err := script("ADMIN_TOKEN=" + adminToken)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{`"total_connections":1`, `"username":"alice"`, `/ws/broadcast: {"success":true`, `/ws/send: {"success":true`, `"remaining_connections":1`} {
		if !strings.Contains(out, want) {
			t.Errorf("the script did not print %s:\n%s", want, out)
		}
	}
	alice.expect("maintenance at noon")
	alice.expect("for you alone")
	if out, err := script(); err == nil || !strings.Contains(out, "unauthorized") || strings.Contains(out, "/ws/broadcast") {
		t.Errorf("without a token the script ends with %v:\n%s", err, out)
	}
}

// awaitConnections waits until so many connections are open.
func awaitConnections(t *testing.T, s *serving, count int) {
	t.Helper()
	eventually(t, "the example is connected", func() bool {
		_, body := ask(t, "GET", "http://"+s.admin+"/ws/stats", "")
		return strings.Contains(body, fmt.Sprintf(`"total_connections":%d,`, count))
	})
}

// restart kills a node and starts another one on its port.
func (s *serving) restart(t *testing.T, env ...string) *serving {
	t.Helper()
	s.signal(syscall.SIGKILL)
	s.exit()
	_, port, err := net.SplitHostPort(s.ws)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, append(env, "PORT="+port)...)
}
