package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// screen is a terminal of 80×24 with a program in it.
type screen struct {
	t      *testing.T
	person *os.File
	got    string
}

// openTop starts momentum top in a terminal.
func openTop(t *testing.T, admin string, env ...string) (*screen, *exec.Cmd, *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Skip("this host has no pseudo-terminals:", err)
	}
	t.Cleanup(func() { person.Close() })
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil || unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0) != nil {
		t.Fatal(err)
	}
	if err := unix.SetNonblock(int(person.Fd()), true); err != nil {
		t.Fatal(err)
	}
	program, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	if err := unix.IoctlSetWinsize(int(program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err != nil {
		t.Fatal(err)
	}
	top := exec.Command(filepath.Join(bin, "momentum"), "top", "--admin-addr", admin)
	top.Env = append([]string{"JWT_SECRET=" + testSecret, "TERM=xterm-256color"}, env...)
	top.Stdin, top.Stdout, top.Stderr = program, program, program
	if err := top.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = top.Process.Kill() })
	return &screen{t: t, person: person}, top, program
}

// await reads until the program has written a text.
func (s *screen) await(want string) {
	s.t.Helper()
	if err := s.person.SetReadDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	some := make([]byte, 4096)
	for !strings.Contains(s.got, want) {
		n, err := s.person.Read(some)
		if err != nil {
			s.t.Fatalf("%q is not on the screen: %v\n%q", want, err, s.got)
		}
		s.got += string(some[:n])
	}
	_, s.got, _ = strings.Cut(s.got, want)
}

func (s *screen) press(keys string) {
	s.t.Helper()
	if _, err := s.person.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// TestTopSortsAndRestoresTheTerminal presses keys, takes the node away, and ends the program by a signal.
func TestTopSortsAndRestoresTheTerminal(t *testing.T) {
	node := serve(t)
	s, top, program := openTop(t, node.admin, "NO_COLOR=1")
	before, err := unix.IoctlGetTermios(int(program.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	s.await("HEAVIEST by bytes out")
	s.press("u")
	s.await("longest queue")
	if err := node.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.await("NO CONNECTION")
	if err := top.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.await("\x1b[?1049l") // the screen of before
	_ = top.Wait()
	after, err := unix.IoctlGetTermios(int(program.Fd()), unix.TCGETS)
	if err != nil || after.Lflag&unix.ICANON == 0 || after.Lflag&unix.ECHO == 0 {
		t.Errorf("the terminal was %+v, and is %+v, %v", before, after, err)
	}
}

// TestTopFindsANodeThatIsStartedAgain kills a node and starts another one on its port. Meanwhile the screen says since when it has no data.
func TestTopFindsANodeThatIsStartedAgain(t *testing.T) {
	t.Parallel()
	const green = "\x1b[32m"
	addr := "ADMIN_ADDR=" + freeAddr(t)
	node := serve(t, addr, "NODE_NAME=first")
	s, _, _ := openTop(t, node.admin)
	s.await("momentum first")
	s.await(green)
	s.press("w")
	s.await("minute")
	again := node.restart(t, addr, "NODE_NAME=zyxwvu") // no letter is where one of the old name is, which the screen would keep
	s.await("data since")
	s.await("zyxwvu")
	again.chatter(t, "alice")
	s.await("alice")
}
