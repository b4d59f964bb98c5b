package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"momentum/internal/postgrestest"
)

// deadline is the time after which the server has refused a user that it cannot look up: the rest of a handshake's 5 s, with
// a margin for a busy machine.
const deadline = 6 * time.Second

// TestDatabaseComesAndGoes stops, starts, pauses and resumes PostgreSQL while connected users send and unknown users
// connect. The connected users are not affected, the others get a Retry-After, and the node recovers by itself.
func TestDatabaseComesAndGoes(t *testing.T) {
	const talkers, strangers = 6, 40
	pg := postgrestest.Start(t)
	url := pg.Database(t)
	names := []string{"alice"}
	for i := range talkers {
		names = append(names, witnessName(i))
	}
	for i := range strangers {
		names = append(names, fmt.Sprintf("stranger-%d", i))
	}
	migrated(t, url, names...)
	s := serveUsers(t, url)
	w := s.witness(t, talkers)
	<-time.After(time.Second) // without a fault, for comparison
	trouble := time.Now()
	for i, how := range []struct {
		name       string
		away, back func(testing.TB)
	}{{"stopped", pg.Stop, pg.Restart}, {"paused", pg.Pause, pg.Resume}} {
		alice := signFor(t, "alice")
		_ = s.mustEnter(t, alice).CloseNow() // she is in the cache from now on
		how.away(t)
		arrivals := names[1+talkers+i*strangers/2:][:strangers/2]
		s.refusesUnknownUsers(t, how.name, arrivals)
		if e := s.enter(t, alice); e.status != 101 || e.took > time.Second {
			t.Errorf("%s: a user in the cache reads %d %s after %v", how.name, e.status, e.body, e.took)
		}
		eventually(t, how.name+": /readyz reports it", func() bool {
			ready, body := s.ready(t)
			return !ready && strings.Contains(body, "directory")
		})
		s.wantHealthy(t, 0)
		how.back(t)
		eventually(t, how.name+": the node is ready again", func() bool { ready, _ := s.ready(t); return ready })
		s.wantHealthy(t, 1)
		for _, name := range arrivals {
			s.mustEnter(t, signFor(t, name))
		}
	}
	w.verdict(t, trouble)
	if output := s.text(); strings.Contains(output, "not-so") || strings.Count(output, "\n") > 100 {
		t.Errorf("the log has %d lines, or a password", strings.Count(output, "\n"))
	}
}

// refusesUnknownUsers makes unknown users connect at once. Each is refused in time, with a Retry-After.
func (s *serving) refusesUnknownUsers(t *testing.T, when string, names []string) {
	t.Helper()
	var arriving sync.WaitGroup
	for _, name := range names {
		token := signFor(t, name)
		arriving.Go(func() {
			e := s.enter(t, token)
			wait, err := strconv.Atoi(e.header.Get("Retry-After"))
			if e.status != 503 || !strings.Contains(e.body, `"error":"directory"`) || err != nil || wait < 1 || e.took > deadline {
				t.Errorf("%s: an unknown user reads %d %s, Retry-After %q, after %v", when, e.status, e.body, e.header.Get("Retry-After"), e.took)
			}
		})
	}
	arriving.Wait()
}

func (s *serving) wantHealthy(t *testing.T, want int) {
	t.Helper()
	_, body := ask(t, "GET", "http://"+s.admin+"/metrics", "")
	if !strings.Contains(body, fmt.Sprintf("\nmomentum_directory_up %d\n", want)) {
		t.Errorf("momentum_directory_up is not %d", want)
	}
}
