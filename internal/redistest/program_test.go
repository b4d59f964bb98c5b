package redistest

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestBothProgramsAreFound(t *testing.T) {
	for _, name := range []string{"redis-server", "redis-sentinel"} {
		path, err := find(name)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s is no program: %v", path, err)
		}
	}
}

func TestAMissingProgramIsAnErrorThatSaysHowToInstallIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := find("redis-server")
	if err == nil || !strings.Contains(err.Error(), "apt-get install redis-server") {
		t.Errorf("the error is %v", err)
	}
}

// TestAProgramOutlivesTheThreadOfTheTest ends the thread of the goroutine that starts a program.
func TestAProgramOutlivesTheThreadOfTheTest(t *testing.T) {
	cmd := command("/bin/cat") // it waits for its input
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked, so that the thread ends with the goroutine
		started <- launch(cmd)
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		t.Errorf("the program ended with its thread: %v", err)
	case <-time.After(200 * time.Millisecond):
		input.Close()
		<-ended
	}
}
