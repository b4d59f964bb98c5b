package redistest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Start returns a server for one test. The directives are those of redis.conf, such as "maxmemory 10mb", one each. By
// default it writes no data to the disk but at Stop with Save. The end of the test ends it.
func Start(t testing.TB, directives ...string) *Server {
	t.Helper()
	s, err := create(standalone, directives)
	return s.begin(t, err)
}

// begin starts a server that has been created, for one test.
func (s *Server) begin(t testing.TB, err error) *Server {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.end(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("%s at %s said:\n%s", s.program, s.Addr(), &s.log)
		}
	})
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// Shutdown is a way to stop a server.
type Shutdown string

// Save writes all data to the disk before the end. NoSave does not, and the data comes back only from an append-only file.
const (
	Save   Shutdown = "SAVE"
	NoSave Shutdown = "NOSAVE"
)

// Stop ends the server in good order.
func (s *Server) Stop(t testing.TB, how Shutdown) {
	t.Helper()
	_, err := s.Try("SHUTDOWN", string(how))
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) { // the connection's end is the answer
		t.Fatal(err)
	}
	must(t, s.awaitEnd())
}

// Kill ends the server at once, as a crash does.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	must(t, s.kill())
}

// Restart starts a stopped server on the same port, with the data that is on the disk.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	must(t, s.start())
}

// RestartEmpty starts a stopped server on the same port, without any data. A node of a cluster and a sentinel still know the
// others.
func (s *Server) RestartEmpty(t testing.TB) {
	t.Helper()
	must(t, os.RemoveAll(filepath.Join(s.dir, "appendonlydir")))
	must(t, os.RemoveAll(filepath.Join(s.dir, "dump.rdb")))
	must(t, s.start())
}

// Pause stops the server's process and returns when it stands still: connections stay open, the kernel accepts new ones, and
// nothing is answered.
func (s *Server) Pause(t testing.TB) {
	t.Helper()
	must(t, s.signal(unix.SIGSTOP))
	await(t, "pause of "+s.Addr(), func() (any, bool) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
		must(t, err)
		_, state, _ := strings.Cut(string(stat), ") ") // the name of the process may have spaces
		return string(stat), strings.HasPrefix(state, "T")
	})
}

// Resume ends a pause.
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	must(t, s.signal(unix.SIGCONT))
}

// Do runs a command on a connection of its own and returns the answer as Conn.Do does.
func (s *Server) Do(t testing.TB, args ...string) any {
	t.Helper()
	answer, err := s.Try(args...)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return answer
}

// Try is Do for a command that may fail.
func (s *Server) Try(args ...string) (any, error) {
	conn, err := Dial(s.URL(), s.Roots())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.Do(args...)
}

// Info returns the fields of a section of INFO, such as "replication".
func (s *Server) Info(t testing.TB, section string) map[string]string {
	t.Helper()
	text, _ := s.Do(t, "INFO", section).(string)
	return fields(text)
}

// fields parses lines of "name:value".
func fields(text string) map[string]string {
	found := make(map[string]string)
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ":"); ok {
			found[name] = value
		}
	}
	return found
}

// UsedMemory returns the bytes that the server has allocated, used_memory of INFO.
func (s *Server) UsedMemory(t testing.TB) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s.Info(t, "memory")["used_memory"], 10, 64)
	must(t, err)
	return n
}

// CPU returns the time that the server's process has used on processors so far, to the nanosecond. A snapshot's process
// is not in it.
func (s *Server) CPU(t testing.TB) time.Duration {
	t.Helper()
	if s.cmd == nil {
		t.Fatal("the server does not run")
	}
	const all = 2 // CPUCLOCK_SCHED: user and system time of all threads
	var used unix.Timespec
	must(t, unix.ClockGettime(int32(^s.cmd.Process.Pid)<<3|all, &used))
	return time.Duration(used.Nano())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// await asks until the answer is yes. The state, which ask returns as well, is for the message of a failure.
func await(t testing.TB, what string, ask func() (state any, ok bool)) {
	t.Helper()
	deadline := time.After(patience)
	for {
		state, ok := ask()
		if ok {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("no %s after %v: %v", what, patience, state)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
