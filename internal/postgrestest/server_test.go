package postgrestest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { os.Exit(Run(m)) }

func TestServerStopsPausesAndStartsAgain(t *testing.T) {
	s := Start(t)
	url := s.Database(t)
	Exec(t, url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)")
	s.Stop(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := pgx.Connect(ctx, url); err == nil {
		t.Fatal("a stopped server accepts connections")
	}
	s.Restart(t)
	if n := Number(t, url, "SELECT n FROM kept"); n != 42 {
		t.Errorf("the count is %d after a restart", n)
	}
	s.Pause(t)
	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := pgx.Connect(short, url); err == nil {
		t.Error("a paused server answers")
	}
	s.Resume(t)
	if n := Number(t, url, "SELECT n FROM kept"); n != 42 {
		t.Errorf("the count is %d after a pause", n)
	}
}

// TestServerEndsWithAKilledTestProgram runs this test program a second time, kills it, and checks that its server ends.
func TestServerEndsWithAKilledTestProgram(t *testing.T) {
	const victim = "POSTGRESTEST_VICTIM"
	if os.Getenv(victim) != "" {
		Database(t)
		fmt.Fprintf(os.Stdout, "%d %s\n", shared.server.cmd.Process.Pid, shared.server.dir)
		<-t.Context().Done() // the kill comes first
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), victim+"=yes")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	var dir string
	if _, err := fmt.Fscan(bufio.NewReader(out), &pid, &dir); err != nil {
		t.Fatal(err, cmd.Process.Kill())
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	deadline := time.Now().Add(patience)
	for {
		if _, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid")); os.IsNotExist(err) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server %d still runs %v after the test program was killed", pid, patience)
		}
		<-time.After(10 * time.Millisecond)
	}
}
