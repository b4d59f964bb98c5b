package postgrestest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// shared is the test program's server. The first test that asks for a database starts it.
var shared struct {
	sync.Mutex
	server *Server
}

// count numbers the databases of a test program.
var count atomic.Int64

// Run runs the tests of a program and stops their shared server. Call os.Exit(postgrestest.Run(m)) in TestMain.
func Run(m *testing.M) int {
	defer func() {
		if shared.server != nil {
			if err := shared.server.end(); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}
	}()
	return m.Run()
}

// end stops the server and deletes its files.
func (s *Server) end() error {
	_ = s.signal(syscall.SIGCONT) // it may be paused
	err := s.stop(syscall.SIGQUIT)
	if removal := s.remove(); removal != nil {
		err = removal
	}
	return err
}

// Database returns the URL of an empty database for one test, on the server that the tests of the program share. With -short
// it skips the test.
func Database(t testing.TB) string {
	t.Helper()
	skipIfShort(t)
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		s, err := create()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.start(); err != nil {
			t.Fatal(err, s.remove())
		}
		shared.server = s
	}
	return shared.server.Database(t)
}

// Start returns a server for one test, which may stop and pause it. The end of the test stops it. With -short it skips the
// test.
func Start(t testing.TB) *Server {
	t.Helper()
	skipIfShort(t)
	s, err := create()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.end(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("PostgreSQL said:\n%s", s.text())
		}
	})
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// skipIfShort leaves the test to "make test": to make a database cluster takes the CPU for seconds.
func skipIfShort(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves out the tests with PostgreSQL")
	}
}

// Database returns the URL of an empty database on this server.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", count.Add(1))
	Exec(t, s.url("postgres"), "CREATE DATABASE "+name)
	return s.url(name)
}

// Stop ends the server like "pg_ctl stop -m immediate": connections break in the middle of their work.
func (s *Server) Stop(t testing.TB) { s.must(t, s.stop(syscall.SIGQUIT)) }

// Restart starts a stopped server, on the same port and with all that was committed.
func (s *Server) Restart(t testing.TB) { s.must(t, s.start()) }

// Demote restarts the server as a hot standby, which answers queries and takes no changes.
func (s *Server) Demote(t testing.TB) {
	s.must(t, s.stop(syscall.SIGINT))
	s.must(t, os.WriteFile(filepath.Join(s.data(), "standby.signal"), nil, 0o644)) // that it is there is all
	s.must(t, s.start())
}

// Pause stops the server's processes: connections stay open, the kernel accepts new ones, and nothing is answered.
func (s *Server) Pause(t testing.TB) { s.must(t, s.signal(syscall.SIGSTOP)) }

// Resume ends a pause.
func (s *Server) Resume(t testing.TB) { s.must(t, s.signal(syscall.SIGCONT)) }

func (s *Server) must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Exec runs SQL on a connection of its own, as psql does.
func Exec(t testing.TB, url, sql string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Number returns the result of a query that has one number.
func Number(t testing.TB, url, sql string, args ...any) (n int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}
