package postgrestest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// patience bounds every wait for the server. A test that uses all of it has failed.
	patience = 20 * time.Second

	superuser = "momentum"
	password  = "not-so+secret" // with a character that URLs encode in several ways

	// folderPattern is short: the kernel allows 107 bytes for the path of the Unix socket.
	folderPattern = "momentum-pg-"
)

// Server is a PostgreSQL server in a temporary folder, on a free port of 127.0.0.1 and on a Unix socket in that folder.
type Server struct {
	bin, dir string
	as       *syscall.Credential
	port     int

	cmd   *exec.Cmd // nil while it is stopped
	ended chan struct{}

	mu  sync.Mutex
	log strings.Builder
}

// create makes a database cluster without starting it.
func create() (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin}
	if s.as, err = servant(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", folderPattern); err != nil {
		return nil, err
	}
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(password), 0o600); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	if s.as != nil {
		err = errors.Join(os.Chown(s.dir, int(s.as.Uid), int(s.as.Gid)), os.Chown(secret, int(s.as.Uid), int(s.as.Gid)))
	}
	if err == nil {
		cmd := s.command("initdb", "--pgdata="+s.data(), "--username="+superuser, "--pwfile="+secret,
			"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
		var out []byte
		if out, err = cmd.CombinedOutput(); err != nil {
			err = fmt.Errorf("initdb: %w\n%s", err, out)
		}
	}
	if err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command makes a command of PostgreSQL that ends with the test program. SIGQUIT is an immediate shutdown, which frees the
// shared memory.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT, Credential: s.as}
	return cmd
}

// start runs the server and returns when it accepts connections. The port stays the same for all restarts.
func (s *Server) start() (err error) {
	for range 3 {
		fresh := s.port == 0
		if fresh {
			if s.port, err = freePort(); err != nil {
				return err
			}
		}
		if err = s.startOnce(); err == nil || !fresh {
			return err
		}
		s.port = 0 // another process may use it by now
	}
	return err
}

// startOnce turns off protections against a power failure. Committed data survives an immediate stop without them.
func (s *Server) startOnce() error {
	cmd := s.command("postgres", "-D", s.data(), "-p", strconv.Itoa(s.port), "-k", s.dir, "-h", "127.0.0.1",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB",
		"-c", "max_connections=60", "-c", "autovacuum=off", "-c", "shared_preload_libraries=pg_stat_statements")
	read, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		return err
	}
	ready, ended := make(chan struct{}), make(chan struct{})
	go s.collect(read, ready)
	go func() {
		_ = cmd.Wait()
		write.Close()
		close(ended)
	}()
	s.cmd, s.ended = cmd, ended
	select {
	case <-ready:
		return nil
	case <-ended:
		s.cmd = nil
		return fmt.Errorf("PostgreSQL ended:\n%s", s.text())
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("PostgreSQL is not ready after %v:\n%s", patience, s.text()), s.stop(syscall.SIGKILL))
	}
}

// collect keeps the server's log, and closes ready when the log reports it.
func (s *Server) collect(from io.Reader, ready chan struct{}) {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadString('\n')
		s.mu.Lock()
		s.log.WriteString(line)
		s.mu.Unlock()
		if ready != nil && strings.Contains(line, "database system is ready to accept") { // "connections", or "read-only connections"
			close(ready)
			ready = nil
		}
		if err != nil {
			return
		}
	}
}

func (s *Server) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// stop sends a signal and waits for the end: SIGQUIT as "pg_ctl stop -m immediate" does, or SIGINT as "fast" does.
func (s *Server) stop(how syscall.Signal) error {
	if s.cmd == nil {
		return nil
	}
	defer func() { s.cmd = nil }()
	if err := s.cmd.Process.Signal(how); err != nil {
		return err
	}
	select {
	case <-s.ended:
		return nil
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("PostgreSQL has not ended %v after signal %v", patience, how), s.cmd.Process.Kill())
	}
}

// signal sends a signal to the server and to all of its processes. If only the first one were stopped, the others would
// still serve their connections.
func (s *Server) signal(what syscall.Signal) error {
	if s.cmd == nil {
		return errors.New("PostgreSQL does not run")
	}
	pids := []int{s.cmd.Process.Pid}
	if what == syscall.SIGSTOP { // so that it starts no new process meanwhile
		if err := unix.Kill(pids[0], what); err != nil {
			return err
		}
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pids[0], pids[0]))
	if err != nil {
		return err
	}
	for word := range strings.FieldsSeq(string(children)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			return err
		}
		pids = append(pids, pid)
	}
	var problems []error
	for _, pid := range pids {
		if err := unix.Kill(pid, what); err != nil && !errors.Is(err, unix.ESRCH) {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

func (s *Server) remove() error { return os.RemoveAll(s.dir) }

// url returns the URL of a database on the server.
func (s *Server) url(database string) string {
	u := url.URL{Scheme: "postgresql", User: url.UserPassword(superuser, password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), Path: database, RawQuery: "sslmode=disable"}
	return u.String()
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
