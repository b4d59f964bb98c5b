package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"momentum/server/auth"
)

// TestReadmeCommands runs the commands of README.md in order, against a server on free ports. A command that the test does
// not know how to run fails it.
func TestReadmeCommands(t *testing.T) {
	s := start(t, []string{"MOMENTUM_DEV=1", "JWT_SECRET=" + testSecret, "PORT=0", "ADMIN_ADDR=127.0.0.1:0", "LOG_FORMAT=json"},
		filepath.Join(bin, "momentum"), "serve")
	server := locate(s)
	s.expect("DEVELOPMENT MODE")
	clients := 0
	for _, command := range shellCommands(t, "../../README.md") {
		words := strings.Fields(command)
		switch {
		case words[0] == "make" && strings.Contains(command, "&&"):
			dryRun(t, words[1])
		case words[0] == "make":
			dryRun(t, words[1])
		case words[0] == "export":
		case strings.HasPrefix(command, "bin/websocket_client "):
			args := append([]string{"--url", "ws://" + server.ws + "/ws"}, words[1:]...)
			c := start(t, []string{"JWT_SECRET=" + testSecret}, filepath.Join(bin, "websocket_client"), args...)
			c.say("ping")
			c.expect("pong")
			clients++
		case words[0] == "curl":
			server.curl(t, command)
		default:
			t.Errorf("README.md has the command %q, which no test runs", command)
		}
	}
	if clients != 3 {
		t.Errorf("README.md starts %d clients, want 3", clients)
	}
}

// shellCommands returns the lines of a page's sh blocks, without comments.
func shellCommands(t *testing.T, page string) (commands []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	shell := false
	for line := range strings.SplitSeq(string(text), "\n") {
		if strings.HasPrefix(line, "```") {
			shell = line == "```sh"
			continue
		}
		line, _, _ = strings.Cut(line, "  #")
		if line = strings.TrimSpace(line); shell && line != "" {
			commands = append(commands, line)
		}
	}
	return commands
}

func dryRun(t *testing.T, target string) {
	t.Helper()
	if out, err := exec.Command("make", "-C", "../..", "-n", target).CombinedOutput(); err != nil {
		t.Errorf("make %s: %v\n%s", target, err, out)
	}
}

// curl runs a curl command of README.md with this server's ports.
func (s *serving) curl(t *testing.T, command string) {
	t.Helper()
	if strings.Contains(command, "/ws/send") && !strings.Contains(command, auth.UserID("bob@example.com").String()) {
		t.Errorf("%s: bob's id is %v", command, auth.UserID("bob@example.com"))
	}
	command = strings.NewReplacer("127.0.0.1:8000", s.ws, "127.0.0.1:8001", s.admin).Replace(command)
	out, err := exec.Command("sh", "-c", strings.Replace(command, "curl ", "curl -sS --fail-with-body ", 1)).CombinedOutput()
	shape := "{"
	if strings.Contains(command, "/metrics") {
		shape = "# HELP "
	}
	if err != nil || !strings.HasPrefix(string(out), shape) {
		t.Errorf("%s: %v\n%s", command, err, out)
	}
}

// TestDevelopmentModePastes uses the lines that development mode prints: the client command works as printed, and the demo
// URL serves the page.
func TestDevelopmentModePastes(t *testing.T) {
	s := start(t, []string{"PORT=0", "ADMIN_ADDR=127.0.0.1:0", "LOG_FORMAT=json"}, filepath.Join(bin, "momentum"), "serve", "--dev")
	printed := s.expect("/demo/\n")
	var paste, url string
	for line := range strings.SplitSeq(printed, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "JWT_SECRET=") {
			paste = line
		}
		if strings.HasPrefix(line, "http://") {
			url = line
		}
	}
	c := start(t, []string{"BIN=" + bin}, "/bin/sh", "-c", strings.Replace(paste, "bin/", `exec "$BIN"/`, 1))
	c.say("ping")
	c.expect("pong")
	page, _, _ := strings.Cut(url, "#")
	if status, body := ask(t, "GET", page, ""); status != 200 || !strings.Contains(body, "<html") {
		t.Errorf("GET %s: %d %.80s", page, status, body)
	}
	if status, body := ask(t, "POST", page+"guest", `{"username":"ann"}`); status != 200 || !strings.Contains(body, `"token":"`) {
		t.Errorf("a guest gets %d %s", status, body)
	}
	open := start(t, []string{"PORT=0", "ADMIN_ADDR=127.0.0.1:0", "LOG_FORMAT=json", "ADMIN_TOKEN=a token that is long enough"}, filepath.Join(bin, "momentum"), "serve", "--dev")
	open.expect("/demo/#token=") // there are no guests
}
