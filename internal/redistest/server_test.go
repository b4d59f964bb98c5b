package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestSeveralServersStartAtOnce(t *testing.T) {
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			s, err := create(standalone, []string{"maxmemory 10mb"})
			if err == nil {
				err = s.start()
			}
			if err == nil {
				_, err = s.Try("SET", "number", fmt.Sprint(i))
			}
			if err != nil {
				t.Error(err)
			}
			if got, err := s.Try("GET", "number"); got != fmt.Sprint(i) {
				t.Error(i, got, err)
			}
			if err := s.end(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
				t.Error("the folder stays:", err)
			}
		})
	}
	group.Wait()
}

func TestAPortThatIsTakenIsReplaced(t *testing.T) {
	first := Start(t)
	second, err := create(standalone, nil)
	must(t, err)
	t.Cleanup(func() { must(t, second.end()) })
	second.port = first.port
	must(t, second.configure())
	if err := second.startOnce(); err == nil || !strings.Contains(err.Error(), "Address already in use") {
		t.Fatal("on the port of another server:", err)
	}
	if err := second.start(); err == nil {
		t.Error("a restart changes the port")
	}
	second.port = 0
	must(t, second.start())
	if second.Addr() == first.Addr() {
		t.Error("two servers have the address", first.Addr())
	}
}

func TestDirectivesAreThoseOfTheConfiguration(t *testing.T) {
	s := Start(t, "maxmemory 10mb", "timeout 7")
	if got := fmt.Sprint(s.Do(t, "CONFIG", "GET", "timeout"), s.Info(t, "memory")["maxmemory"]); got != "[timeout 7]10485760" {
		t.Error(got)
	}
	wrong, err := create(standalone, []string{"nonsense yes"})
	must(t, err)
	t.Cleanup(func() { must(t, wrong.end()) })
	if err := wrong.start(); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("the error does not show the server's: %v", err)
	}
}

func TestUsersHaveTheirRights(t *testing.T) {
	s := Start(t, "requirepass not-so+secret", "user reader on >let/me:in ~news:* &news:* +@read +subscribe")
	s.Do(t, "SET", "news:1", "a")
	conn, err := Dial(s.UserURL("reader", "let/me:in"), nil)
	must(t, err)
	defer conn.Close()
	if got, err := conn.Do("GET", "news:1"); got != "a" {
		t.Error(got, err)
	}
	for _, forbidden := range [][]string{{"SET", "news:1", "b"}, {"GET", "other"}, {"SUBSCRIBE", "other"}} {
		if _, err := conn.Do(forbidden...); err == nil || !strings.HasPrefix(err.Error(), "NOPERM") {
			t.Errorf("%q: %v", forbidden, err)
		}
	}
	if _, err := Dial(s.UserURL("reader", "wrong"), nil); err == nil || !strings.HasPrefix(err.Error(), "WRONGPASS") {
		t.Error("with a wrong password:", err)
	}
	nobody, err := Dial("redis://"+s.Addr(), nil)
	must(t, err)
	defer nobody.Close()
	if _, err := nobody.Do("PING"); err == nil || !strings.HasPrefix(err.Error(), "NOAUTH") {
		t.Error("without a password:", err)
	}
}

// TestServersEndWithAKilledTestProgram runs this test program a second time, kills it, and checks that its servers end, also
// one that is paused.
func TestServersEndWithAKilledTestProgram(t *testing.T) {
	const victim = "REDISTEST_VICTIM"
	if os.Getenv(victim) != "" {
		runs, paused := Start(t), Start(t)
		paused.Pause(t)
		fmt.Fprintln(os.Stdout, runs.cmd.Process.Pid, runs.dir, paused.cmd.Process.Pid, paused.dir)
		<-t.Context().Done() // the kill comes first
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), victim+"=yes")
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	pids, folders := [2]int{}, [2]string{}
	_, err = fmt.Fscan(bufio.NewReader(out), &pids[0], &folders[0], &pids[1], &folders[1])
	must(t, errors.Join(err, cmd.Process.Kill()))
	_ = cmd.Wait()
	for i := range pids {
		await(t, "end of a server", func() (any, bool) {
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pids[i]))
			return string(stat), errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) || strings.Contains(string(stat), ") Z ")
		})
		must(t, os.RemoveAll(folders[i]))
	}
}
