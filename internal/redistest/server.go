package redistest

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds every wait for a server. A test that uses all of it has failed.
const patience = 20 * time.Second

// Server is a Redis server, or a sentinel, in a temporary folder and on a free port of 127.0.0.1.
type Server struct {
	kind
	path       string   // of the program
	directives []string // of the test, as in redis.conf
	dir        string
	port       int
	busPort    int        // of a node of a cluster
	secure     *authority // nil without TLS

	cmd   *exec.Cmd // nil while it is stopped
	ended chan struct{}
	log   record
}

// kind is a program of Redis.
type kind struct {
	program  string
	ready    string   // the part of its log that says that it accepts connections
	defaults []string // its directives, which those of a test change
}

var (
	standalone = kind{"redis-server", "Ready to accept connections", []string{`save ""`, "repl-diskless-sync-delay 0"}}
	sentinel   = kind{"redis-sentinel", "Sentinel ID is", nil}
)

// create makes a server without starting it.
func create(k kind, directives []string) (*Server, error) {
	path, err := find(k.program)
	if err != nil {
		return nil, err
	}
	s := &Server{kind: k, path: path, directives: directives}
	s.dir, err = os.MkdirTemp("", "momentum-redis-")
	return s, err
}

func (s *Server) config() string { return filepath.Join(s.dir, "redis.conf") }

// configure writes the configuration. The server may change it, and a restart keeps the change: sentinels keep their
// knowledge in it, and make the servers keep their roles in it.
func (s *Server) configure() error {
	port := strconv.Itoa(s.port)
	lines := []string{"bind 127.0.0.1", "port " + port, "dir " + s.dir, "daemonize no"}
	if s.secure != nil {
		lines = append(lines, s.secure.directives(port)...)
	}
	if password := s.password(); password != "" {
		lines = append(lines, "masterauth "+password) // for the time when it is a replica
	}
	lines = slices.Concat(lines, s.defaults, s.directives)
	return os.WriteFile(s.config(), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// start runs the server and returns when it accepts connections. The port stays the same for all restarts.
func (s *Server) start() (err error) {
	if s.cmd != nil {
		return errors.New("the server runs already")
	}
	for range 3 {
		fresh := s.port == 0
		if fresh {
			if s.port, err = freePort(); err == nil {
				err = s.configure()
			}
			if err != nil {
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

func (s *Server) startOnce() error {
	cmd := command(s.path, s.config())
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, &s.log, &s.log
	ready, ended := s.log.expect(s.ready), make(chan struct{})
	if err := launch(cmd); err != nil {
		return err
	}
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	s.cmd, s.ended = cmd, ended
	select {
	case <-ready:
		return nil
	case <-ended:
		s.cmd = nil
		return fmt.Errorf("%s ended:\n%s", s.program, &s.log)
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("%s is not ready after %v:\n%s", s.program, patience, &s.log), s.kill())
	}
}

// signal sends a signal to the server and to its process that writes a snapshot.
func (s *Server) signal(what syscall.Signal) error {
	if s.cmd == nil {
		return errors.New("the server does not run")
	}
	return unix.Kill(-s.cmd.Process.Pid, what)
}

// kill ends the server at once.
func (s *Server) kill() error {
	if err := s.signal(unix.SIGKILL); err != nil {
		return err
	}
	return s.awaitEnd()
}

// awaitEnd waits for the end of a server that has been told to end.
func (s *Server) awaitEnd() error {
	select {
	case <-s.ended:
		s.cmd = nil
		return nil
	case <-time.After(patience):
		return fmt.Errorf("%s has not ended after %v:\n%s", s.program, patience, &s.log)
	}
}

// end kills the server and deletes its files.
func (s *Server) end() (err error) {
	if s.cmd != nil {
		err = s.kill()
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// Addr returns host and port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL returns the URL of database 0, with the password that the directive "requirepass" has.
func (s *Server) URL() string { return s.address(url.UserPassword("", s.password())) }

// UserURL returns the URL of database 0 for a user of the server. The directive "user" makes one.
func (s *Server) UserURL(name, password string) string {
	return s.address(url.UserPassword(name, password))
}

func (s *Server) address(as *url.Userinfo) string {
	u := url.URL{Scheme: "redis", Host: s.Addr(), Path: "/0"}
	if s.secure != nil {
		u.Scheme = "rediss"
	}
	if as.String() != ":" {
		u.User = as
	}
	return u.String()
}

func (s *Server) password() (password string) {
	for _, directive := range s.directives {
		if words := strings.Fields(directive); len(words) == 2 && words[0] == "requirepass" {
			password = words[1]
		}
	}
	return password
}
