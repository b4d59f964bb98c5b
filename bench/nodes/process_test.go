package nodes

import (
	"bufio"
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func newGroup(t *testing.T) *Group {
	t.Helper()
	g, err := NewGroup()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

func start(t *testing.T, g *Group, c Command) *Process {
	t.Helper()
	p, err := g.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAGroupEndsItsProcesses(t *testing.T) {
	g, err := NewGroup()
	if err != nil {
		t.Fatal(err)
	}
	one, two := start(t, g, Command{Args: []string{"cat"}, Core: AnyCore, Piped: true}), start(t, g, Command{Args: []string{"cat"}, Core: AnyCore, Piped: true})
	if !one.Running() || one.Resident() == 0 {
		t.Error("a process does not run")
	}
	one.Kill()
	if err := g.Close(); err != nil || one.Running() || two.Running() {
		t.Errorf("%v, %v, %v", err, one.Running(), two.Running())
	}
	if _, err := g.Start(Command{Args: []string{"cat"}, Core: AnyCore}); err == nil {
		t.Error("a group that has ended starts a process")
	}
	if two.Resident() != 0 || two.CPU() != 0 {
		t.Error("a process that has ended has figures")
	}
}

func TestAProcessRunsOnItsCore(t *testing.T) {
	p := start(t, newGroup(t), Command{Args: []string{"cat"}, Env: []string{"LC_ALL=C"}, Core: 0, Piped: true})
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(p.cmd.Process.Pid, &set); err != nil || set.Count() != 1 || !set.IsSet(0) {
		t.Errorf("%v, %v", set, err)
	}
	if _, err := p.In.Write([]byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(p.Out).ReadString('\n'); err != nil || line != "hello\n" {
		t.Errorf("%q, %v", line, err)
	}
}

func TestTheEndOfTheErrorsIsKept(t *testing.T) {
	var kept tail
	for range 3 {
		_, _ = kept.Write([]byte(strings.Repeat("a", tailBytes-1) + "b"))
	}
	if s := kept.String(); len(s) != tailBytes || s[tailBytes-1] != 'b' {
		t.Errorf("%d bytes", len(s))
	}
	p := start(t, newGroup(t), Command{Args: []string{"cat", "/does/not/exist"}, Env: []string{"LC_ALL=C"}, Core: AnyCore})
	if err := p.await(func() bool { return false }); err == nil || !strings.Contains(err.Error(), "No such file") {
		t.Error(err)
	}
}

func TestAPreferredProcessHasAHigherPriority(t *testing.T) {
	p, err := newGroup(t).Start(Command{Args: []string{"/bin/sleep", "60"}, Core: AnyCore})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Prefer(); errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) {
		t.Skip("the right to raise priorities is missing")
	} else if err != nil {
		t.Fatal(err)
	}
	if got, err := unix.Getpriority(unix.PRIO_PROCESS, p.cmd.Process.Pid); err != nil || got != 20-preferred { // the system call returns 20 - nice
		t.Errorf("the priority is %d, %v", got, err)
	}
}
