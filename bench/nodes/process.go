// Package nodes runs the programs of a cluster on the loopback interface for measurements: a Redis server and several momentum
// serve. They end with the program that has started them, however that ends.
package nodes

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"momentum/bench/proc"
)

// AnyCore lets the kernel choose the core of a process.
const AnyCore = -1

// Group is the processes that have been started, and the folder of Redis.
type Group struct {
	Nodes []*Node // all that have been started

	dir  string
	mu   sync.Mutex
	all  []*Process
	over bool
}

// NewGroup makes an empty group.
func NewGroup() (*Group, error) {
	dir, err := os.MkdirTemp("", "momentum-bench-")
	return &Group{dir: dir}, err
}

// Close kills all processes of the group and waits for their ends.
func (g *Group) Close() error {
	g.mu.Lock()
	g.over = true
	all := g.all
	g.mu.Unlock()
	for _, p := range all {
		_ = p.cmd.Process.Kill() // it may have ended by itself
	}
	for _, p := range all {
		<-p.Ended
	}
	return os.RemoveAll(g.dir)
}

// Command is a program to start.
type Command struct {
	Args  []string // the first one is the path
	Env   []string // beside our own
	Core  int      // AnyCore: any
	Piped bool     // the process has In and Out
}

// Process is a running program.
type Process struct {
	Ended  chan struct{}
	In     io.WriteCloser // its standard input
	Out    io.Reader      // its standard output
	cmd    *exec.Cmd
	stderr tail
}

// Start starts a program.
func (g *Group) Start(c Command) (*Process, error) {
	cmd := exec.Command(c.Args[0], c.Args[1:]...)
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true} // an interrupt of the terminal reaches us alone
	p := &Process{cmd: cmd, Ended: make(chan struct{})}
	cmd.Stderr = &p.stderr
	if c.Piped {
		var err, err2 error
		p.In, err = cmd.StdinPipe()
		p.Out, err2 = cmd.StdoutPipe()
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return nil, errors.New("the processes have been ended")
	}
	if err := launch(cmd, c.Core); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", c.Args[0], err)
	}
	go func() {
		_ = cmd.Wait() // it is killed, so it always has an error
		close(p.Ended)
	}()
	g.all = append(g.all, p)
	return p, nil
}

// Prefer has the kernel run the main thread of a process before all others that compete for the cores, as if it had a core of its own. It needs the right
// to raise priorities (CAP_SYS_NICE).
func (p *Process) Prefer() error {
	if err := unix.Setpriority(unix.PRIO_PROCESS, p.cmd.Process.Pid, preferred); err != nil {
		return fmt.Errorf("cannot raise the priority of a process: %w", err)
	}
	return nil
}

// preferred is the nice value that gives a process 15 times the share of another.
const preferred = -12

// Kill ends a process at once.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.Ended
}

// Dump has a program of Go end with the stacks of its goroutines, and returns what it has written to its standard error.
func (p *Process) Dump() string {
	_ = p.cmd.Process.Signal(syscall.SIGQUIT) // it may have ended by itself
	select {
	case <-p.Ended:
	case <-time.After(patience):
	}
	return p.Said()
}

// Running reports whether a process has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.Ended:
		return false
	default:
		return true
	}
}

// CPU returns the processor time that a process has used; 0 after its end.
func (p *Process) CPU() time.Duration {
	used, err := proc.CPU(p.cmd.Process.Pid)
	if err != nil {
		return 0
	}
	return used
}

// Resident returns the bytes of a process in memory; 0 after its end.
func (p *Process) Resident() int64 {
	bytes, err := proc.Resident(p.cmd.Process.Pid)
	if err != nil {
		return 0
	}
	return bytes
}

// Said returns the end of what a process has written to its standard error.
func (p *Process) Said() string { return strings.TrimSpace(p.stderr.String()) }

// launch starts a command on the launcher's thread.
func launch(cmd *exec.Cmd, core int) error {
	result := make(chan error)
	launcher() <- func() { result <- startOn(cmd, core) }
	return <-result
}

// launcher returns the calls that wait for a thread that never ends: the kernel sends Pdeathsig when the thread that started the
// program ends.
var launcher = sync.OnceValue(func() chan<- func() {
	calls := make(chan func())
	go func() {
		runtime.LockOSThread()
		for call := range calls {
			call()
		}
	}()
	return calls
})

// startOn starts a command whose threads use one core.
func startOn(cmd *exec.Cmd, core int) error {
	if core == AnyCore {
		return cmd.Start()
	}
	var before, one unix.CPUSet
	one.Set(core)
	if err := errors.Join(unix.SchedGetaffinity(0, &before), unix.SchedSetaffinity(0, &one)); err != nil {
		return fmt.Errorf("cannot use core %d: %w", core, err)
	}
	return errors.Join(cmd.Start(), unix.SchedSetaffinity(0, &before))
}

// tail keeps the last bytes that are written to it.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

const tailBytes = 64 << 10

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text.Write(b)
	if over := t.text.Len() - tailBytes; over > 0 {
		t.text.Next(over)
	}
	return len(b), nil
}

// String returns these bytes.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
