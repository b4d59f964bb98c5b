package redistest

import (
	"fmt"
	"strconv"
	"testing"
)

// Replica returns a server that copies s, with the same password and certificate, and waits until it has a copy.
func (s *Server) Replica(t testing.TB, directives ...string) *Server {
	t.Helper()
	inherited := []string{"replicaof 127.0.0.1 " + strconv.Itoa(s.port)}
	if password := s.password(); password != "" {
		inherited = append(inherited, "requirepass "+password)
	}
	r, err := create(standalone, append(inherited, directives...))
	if err == nil {
		r.secure = s.secure
	}
	r.begin(t, err)
	r.AwaitReplicaOf(t, s)
	return r
}

// Promote makes a replica a primary, while its old primary goes on.
func (s *Server) Promote(t testing.TB) {
	t.Helper()
	s.Do(t, "REPLICAOF", "NO", "ONE")
}

// Follow makes the server a replica of another one, and waits until it has a copy. Its own data is lost.
func (s *Server) Follow(t testing.TB, primary *Server) {
	t.Helper()
	s.Do(t, "REPLICAOF", "127.0.0.1", strconv.Itoa(primary.port))
	s.AwaitReplicaOf(t, primary)
}

// AwaitReplicaOf waits until the server has a copy of a primary and follows it.
func (s *Server) AwaitReplicaOf(t testing.TB, primary *Server) {
	t.Helper()
	s.awaitReplication(t, "replica of "+primary.Addr(), func(info map[string]string) bool {
		return info["role"] == "slave" && info["master_port"] == strconv.Itoa(primary.port) && info["master_link_status"] == "up"
	})
}

// awaitReplication waits until the section replication of INFO is as it should be. Sentinels cut all connections of a server whose role they
// change, so an answer may be missing.
func (s *Server) awaitReplication(t testing.TB, what string, done func(info map[string]string) bool) {
	t.Helper()
	await(t, what, func() (any, bool) {
		text, err := s.Try("INFO", "replication")
		if err != nil {
			return err, false
		}
		info := fields(fmt.Sprint(text))
		return info, done(info)
	})
}
