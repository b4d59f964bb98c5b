package postgres

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/internal/postgrestest"
	"momentum/server/directory"
	"momentum/server/directory/cache"
)

// lookups counts the queries for users in PostgreSQL's own statistics.
func lookups(t testing.TB, url string) int64 {
	t.Helper()
	return postgrestest.Number(t, url, `SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements
		WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query LIKE '%FROM users WHERE id = ANY%'`)
}

func TestAStormCostsTensOfQueries(t *testing.T) {
	const storm = 20_000
	url := postgrestest.Database(t)
	d := migrated(t, url)
	postgrestest.Exec(t, url, "CREATE EXTENSION pg_stat_statements")
	populate(t, url, storm-1000) // the last thousand do not exist
	c := cached(t, d)
	all := newCrowd()
	before, start := lookups(t, url), time.Now()
	for i := range storm {
		c.Ask(person(i), time.Now().Add(patience), all)
		if i%200 == 199 { // 20,000 a second, if the machine can
			<-time.After(10 * time.Millisecond)
		}
	}
	all.wait(t, storm)
	took, queries := time.Since(start), lookups(t, url)-before
	t.Logf("%d users in %v with %d queries", storm, took, queries)
	if queries < storm/cache.MaxBatch || queries > 80 || len(all.errs) > 0 {
		t.Errorf("%d queries, errors %v", queries, all.errs)
	}
	for i := range storm {
		want := directory.Active
		if i >= storm-1000 {
			want = directory.Unknown
		} else if i%10 == 0 {
			want = directory.Inactive
		}
		if u := all.answers[person(i)]; u.Standing != want {
			t.Fatalf("%d is %v, want %v", i, u.Standing, want)
		}
	}

	again := newCrowd()
	before = lookups(t, url)
	for i := range storm {
		if _, fresh := c.Recall(person(i)); !fresh {
			t.Fatalf("%d is not remembered", i)
		}
		c.Ask(person(i), time.Now(), again)
	}
	again.wait(t, storm)
	if queries := lookups(t, url) - before; queries != 0 {
		t.Errorf("%d queries for those who were here lately", queries)
	}
}

func TestPoolSizeBoundsConnections(t *testing.T) {
	url := postgrestest.Database(t)
	migrated(t, url).Close()
	const size = 3
	d := open(t, Options{URL: url, PoolSize: size, UsersQuery: "SELECT id, username, email, active FROM users, pg_sleep(0.02) WHERE id = ANY($1)"})
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if _, err := d.Lookup(within(t), []uuid.UUID{person(1)}); err != nil {
				t.Error(err)
			}
		})
	}
	most := int64(0)
	for range 20 {
		most = max(most, postgrestest.Number(t, url, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'momentum'`))
	}
	all.Wait()
	if most < 1 || most > size {
		t.Errorf("%d connections at once, with a pool of %d", most, size)
	}
}

// TestLookupsDuringAnOutage stops and pauses a database under load.
func TestLookupsDuringAnOutage(t *testing.T) {
	t.Parallel() // with the other tests that start a server of their own
	server := postgrestest.Start(t)
	url := server.Database(t)
	d := migrated(t, url)
	const known, deadline = 5000, time.Second
	populate(t, url, 50_000)
	c := cached(t, d)
	all := newCrowd()
	for i := range known {
		c.Ask(person(i), time.Now().Add(patience), all)
	}
	all.wait(t, known)
	for _, outage := range []struct {
		name       string
		begin, end func(testing.TB)
	}{
		{"stopped", server.Stop, server.Restart},
		{"paused", server.Pause, server.Resume},
	} {
		t.Run(outage.name, func(t *testing.T) {
			stop := load(c, known, deadline)
			outage.begin(t)
			eventually(t, "the cache says that the directory is away", func() bool { return c.Healthy() != nil })
			start := time.Now()
			if u, err := ask(t, c, person(1), deadline); err != nil || u.Standing != directory.Active || time.Since(start) > deadline/2 {
				t.Errorf("a remembered user: %v, %v, after %v", u, err, time.Since(start))
			}
			start = time.Now()
			_, err := ask(t, c, person(49_999), deadline)
			if took := time.Since(start); !errors.Is(err, cache.ErrLate) || took < deadline || took > deadline+time.Second {
				t.Errorf("an unknown user: %v after %v, want ErrLate after %v", err, took, deadline)
			}
			before := c.Stats()
			<-time.After(3 * time.Second)
			if n := c.Stats().Queries - before.Queries; n > 12 {
				t.Errorf("%d queries in 3 s to a database that is away", n)
			}
			outage.end(t)
			eventually(t, "it answers again", func() bool { return c.Healthy() == nil })
			if longest := stop(); longest > deadline+time.Second {
				t.Errorf("an answer took %v, with a deadline of %v", longest, deadline)
			}
			if u, err := ask(t, c, person(40_001), patience); err != nil || u.Standing != directory.Active {
				t.Errorf("after the outage: %v, %v", u, err)
			}
		})
	}
}

// load looks up 500 unknown users a second until it is stopped; stop returns the longest time of an answer.
func load(c *cache.Cache, from int, deadline time.Duration) (stop func() time.Duration) {
	end, ended := make(chan struct{}), make(chan time.Duration)
	go func() {
		var mu sync.Mutex
		var longest time.Duration
		var waiting sync.WaitGroup
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for next := from; ; {
			select {
			case <-end:
				waiting.Wait()
				ended <- longest
				return
			case <-tick.C:
			}
			for range 5 {
				asked := time.Now()
				waiting.Add(1)
				c.Ask(person(next), asked.Add(deadline), answered(func() {
					mu.Lock()
					longest = max(longest, time.Since(asked))
					mu.Unlock()
					waiting.Done()
				}))
				next++
			}
		}
	}()
	return func() time.Duration {
		close(end)
		return <-ended
	}
}

// answered is an asker that ignores the content of an answer.
type answered func()

func (a answered) Answer(directory.User, error) { a() }
