package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sys/unix"
)

// asClient makes the test binary run the client: a terminal can be tested only from another process.
const asClient = "WEBSOCKET_CLIENT_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(asClient) != "" {
		main()
	}
	os.Exit(m.Run())
}

// openPTY returns both ends of a new pseudo-terminal.
func openPTY(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return person, program
}

// screen is the output of a program after the last text that was awaited.
type screen struct {
	person *os.File
	text   string
}

// await reads until the words appear, and discards everything up to them.
func (s *screen) await(t *testing.T, words string) {
	t.Helper()
	buffer := make([]byte, 4096)
	for {
		if _, rest, found := strings.Cut(s.text, words); found {
			s.text = rest
			return
		}
		n, err := s.person.Read(buffer)
		s.text += string(buffer[:n])
		if err != nil {
			t.Fatalf("%q is not shown, but %.2000q", words, s.text)
		}
	}
}

// atTerminal starts the client on a terminal. wait waits until it has ended.
func atTerminal(t *testing.T, s *fakeServer) (person *os.File, wait func() error) {
	t.Helper()
	person, program := openPTY(t)
	cmd := exec.Command(os.Args[0], "--url", s.ws())
	cmd.Env = append(os.Environ(), asClient+"=1", "JWT_SECRET="+testSecret, "TERM=xterm")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	program.Close()
	stuck := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() { stuck.Stop() })
	return person, cmd.Wait
}

func TestThePromptAtATerminal(t *testing.T) {
	s := serve(t, func(ws *websocket.Conn, n int, payload []byte) {
		pong(ws, n, payload)
		greeting := `{"id":"1","message_type":"text","data":{"content":"good morning"},"timestamp":"x","from_user_id":"u-1"}`
		_ = ws.Write(context.Background(), websocket.MessageText, []byte(greeting))
	})
	person, wait := atTerminal(t, s)
	shown := &screen{person: person}
	shown.await(t, prompt)
	fmt.Fprint(person, "texy\x7ft hello\r") // a key is corrected
	shown.await(t, "text from u-1: good morning")
	shown.await(t, prompt)
	fmt.Fprint(person, "\x1b[A\r") // the line before comes back from the history
	shown.await(t, "good morning")
	shown.await(t, prompt)
	fmt.Fprint(person, "lost words") // ^C takes the line back
	shown.await(t, "lost words")
	fmt.Fprint(person, "\x03")
	shown.await(t, prompt)
	fmt.Fprint(person, "quit\r")
	if err := wait(); err != nil {
		t.Errorf("the client ended with %v", err)
	}
	if len(s.sent()) != 2 || !strings.Contains(s.sent()[0], `"content":"hello"`) || !strings.Contains(s.sent()[1], `"content":"hello"`) {
		t.Errorf("sent %q", s.sent())
	}
	if s.closed != websocket.StatusNormalClosure {
		t.Errorf("closed with %d", s.closed)
	}
}

// The user is editing a line and presses no key.
func TestThePromptEndsWithTheConnection(t *testing.T) {
	s := serve(t, func(ws *websocket.Conn, _ int, _ []byte) { _ = ws.Close(websocket.StatusServiceRestart, "restarting") })
	person, wait := atTerminal(t, s)
	shown := &screen{person: person}
	shown.await(t, prompt)
	fmt.Fprint(person, "ping\rhalf a li")
	shown.await(t, `1012 service restart, "restarting": reconnect`)
	var exit *exec.ExitError
	if err := wait(); !errors.As(err, &exit) || exit.ExitCode() != exitFailed {
		t.Errorf("the client ended with %v", err)
	}
}
