package redistest

import (
	"fmt"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// find returns the path of a program of Redis, or an error that says how to install it.
func find(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("this test needs %s: \"make needs\" or \"apt-get install redis-server redis-sentinel\" brings it "+
			"(the host's own service need not run), or put it in PATH", name)
	}
	return path, nil
}

// command makes a command that ends with the test program. It leads a process group, which has the processes that write
// snapshots too.
func command(path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	return cmd
}

// launch starts a command on the launcher's thread.
func launch(cmd *exec.Cmd) error {
	result := make(chan error)
	launcher() <- func() { result <- cmd.Start() }
	return <-result
}

// launcher returns the calls that wait for a thread that never ends. The kernel sends Pdeathsig when the thread that
// started the program ends, and a thread of a test program ends with the goroutine that was locked to it.
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
