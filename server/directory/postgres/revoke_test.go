package postgres

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"momentum/internal/postgrestest"
	"momentum/server/auth"
	"momentum/server/directory"
)

// soon is how long a change may take to have its effect.
const soon = time.Second

func TestChangesAreActedOnWithinASecond(t *testing.T) {
	url := postgrestest.Database(t)
	d := migrated(t, url)
	populate(t, url, 10)
	n, c, _ := watch(t, d)
	for name, tt := range map[string]struct {
		who int
		sql string
	}{
		"deactivated": {1, "UPDATE users SET active = false WHERE id = $1"},
		"deleted":     {2, "DELETE FROM users WHERE id = $1"},
		"another id":  {3, "UPDATE users SET id = gen_random_uuid() WHERE id = $1"},
	} {
		if u, err := ask(t, c, person(tt.who), patience); err != nil || u.Standing != directory.Active {
			t.Fatalf("%s: %v, %v before", name, u, err)
		}
		start := time.Now()
		postgrestest.Exec(t, url, tt.sql, person(tt.who).String())
		if who := receive(t, n.shut, soon); who != person(tt.who) {
			t.Errorf("%s: %v was shut out instead of %v", name, who, person(tt.who))
		}
		t.Logf("%s: %v, with a connection of its own", name, time.Since(start))
		if u, fresh := c.Recall(person(tt.who)); fresh && u.Standing == directory.Active {
			t.Errorf("%s: still remembered", name)
		}
	}

	u, err := ask(t, c, person(10), patience)
	if err != nil || u.Standing != directory.Unknown {
		t.Fatalf("%v, %v", u, err)
	}
	postgrestest.Exec(t, url, "INSERT INTO users VALUES ($1, 'new', 'new@example.com')", person(10).String())
	eventually(t, "somebody who was added may connect", func() bool {
		u, err := ask(t, c, person(10), patience)
		return err == nil && u.Standing == directory.Active
	})

	n.online = append(n.online, person(5))
	postgrestest.Exec(t, url, "TRUNCATE users")
	if who := receive(t, n.shut, soon); who != person(5) {
		t.Errorf("%v was shut out by TRUNCATE", who)
	}
}

func TestLostListenerMissesNothing(t *testing.T) {
	url := postgrestest.Database(t)
	d := migrated(t, url)
	populate(t, url, 10)
	n, c, l := watch(t, d, person(1), person(2))
	for i := 1; i <= 2; i++ {
		if u, err := ask(t, c, person(i), patience); err != nil || u.Standing != directory.Active {
			t.Fatal(u, err)
		}
	}
	start := time.Now()
	postgrestest.Exec(t, url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
	postgrestest.Exec(t, url, "UPDATE users SET active = false WHERE id = $1", person(1).String())
	receive(t, n.missed, patience)
	if who := receive(t, n.shut, soon); who != person(1) {
		t.Errorf("%v was shut out", who)
	}
	if took := time.Since(start); took > soon {
		t.Errorf("it took %v with the listener's connection lost", took)
	}
	if err := l.Healthy(); err != nil {
		t.Error(err)
	}
	postgrestest.Exec(t, url, "UPDATE users SET active = false WHERE id = $1", person(2).String())
	eventually(t, "what happens later is heard", func() bool { return receive(t, n.shut, soon) == person(2) })
}

func TestListenerOutlivesTheDatabase(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	url := server.Database(t)
	d := migrated(t, url)
	populate(t, url, 10)
	n, _, l := watch(t, d, person(1))
	for name, outage := range map[string][2]func(testing.TB){
		"stopped": {server.Stop, server.Restart},
		"paused":  {server.Pause, server.Resume}, // no connection breaks: only asking finds out
	} {
		outage[0](t)
		eventually(t, name+": the listener notices", func() bool { return l.Healthy() != nil })
		outage[1](t)
		eventually(t, name+": the listener is back", func() bool { return l.Healthy() == nil })
		receive(t, n.missed, patience)
	}
	postgrestest.Exec(t, url, "DELETE FROM users WHERE id = $1", person(1).String())
	if who := receive(t, n.shut, patience); who != person(1) {
		t.Errorf("%v was shut out", who)
	}
	server.Pause(t)
	start := time.Now()
	l.Close()
	d.Close()
	if took := time.Since(start); took > 2*closePatience+time.Second {
		t.Errorf("closing took %v with the database standing still", took)
	}
}

func TestLedger(t *testing.T) {
	url := postgrestest.Database(t)
	d := migrated(t, url)
	here, _, _ := watch(t, d)
	there, _, _ := watch(t, open(t, Options{URL: url}))
	now := time.Unix(1_800_000_000, 0)
	token := auth.Revocation{TokenID: `an "id"`, UserID: person(1), Until: now.Unix() + 60}
	ban := auth.Revocation{UserID: person(2), IssuedBefore: math.MaxInt64, Until: math.MaxInt64}
	past := auth.Revocation{UserID: person(3), IssuedBefore: now.Unix() - 100, Until: now.Unix() - 1}
	for _, r := range []auth.Revocation{token, ban, past} {
		if err := d.Record(within(t), r); err != nil {
			t.Fatal(err)
		}
		for _, n := range []*node{here, there} {
			if got := receive(t, n.revoked, soon); got != r {
				t.Errorf("heard %+v of %+v", got, r)
			}
		}
	}
	wantLoaded(t, d, now, token, ban)
	wantLoaded(t, d, now.Add(time.Minute), ban) // the token's ends at that second
	if n, err := d.Prune(within(t), now.Add(time.Hour)); err != nil || n != 0 {
		t.Errorf("pruned %d that another node's clock may not have ended, error %v", n, err)
	}
	if n, err := d.Prune(within(t), now.Add(pruneMargin+time.Minute)); err != nil || n != 2 {
		t.Errorf("pruned %d, error %v", n, err)
	}
	wantLoaded(t, d, now, ban)
}

// wantLoaded checks what a node that starts now puts in force.
func wantLoaded(t *testing.T, d *Database, now time.Time, want ...auth.Revocation) {
	t.Helper()
	all, err := d.Load(within(t), now)
	if err != nil {
		t.Fatal(err)
	}
	order := func(a, b auth.Revocation) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
	slices.SortFunc(all, order)
	slices.SortFunc(want, order)
	if !slices.Equal(all, want) {
		t.Errorf("loaded %v, want %v", all, want)
	}
}

// TestLedgerKeepsOnlyWhatCounts: revocations that never end would otherwise pile up, one with each call.
func TestLedgerKeepsOnlyWhatCounts(t *testing.T) {
	url := postgrestest.Database(t)
	d := migrated(t, url)
	now := time.Unix(1_800_000_000, 0)
	user := func(before, until int64) auth.Revocation {
		return auth.Revocation{UserID: person(1), IssuedBefore: before, Until: until}
	}
	token := func(until int64) auth.Revocation { return auth.Revocation{TokenID: "t", Until: until} }
	soon, late := now.Unix()+60, now.Unix()+3600
	for name, tt := range map[string]struct{ record, want []auth.Revocation }{
		"the same twice":                      {[]auth.Revocation{user(7, auth.Forever), user(7, auth.Forever)}, []auth.Revocation{user(7, auth.Forever)}},
		"each reaches further":                {[]auth.Revocation{user(7, soon), user(8, soon), user(8, late), user(9, auth.Forever)}, []auth.Revocation{user(9, auth.Forever)}},
		"none reaches further":                {[]auth.Revocation{user(9, auth.Forever), user(8, late)}, []auth.Revocation{user(9, auth.Forever)}},
		"each reaches further in its own way": {[]auth.Revocation{user(9, soon), user(8, late)}, []auth.Revocation{user(9, soon), user(8, late)}},
		"a ban is not a revocation":           {[]auth.Revocation{user(9, soon), auth.Ban(person(1), late)}, []auth.Revocation{user(9, soon), auth.Ban(person(1), late)}},
		"nor the other way round":             {[]auth.Revocation{auth.Ban(person(1), late), user(9, soon)}, []auth.Revocation{user(9, soon), auth.Ban(person(1), late)}},
		"bans":                                {[]auth.Revocation{auth.Ban(person(1), late), auth.Ban(person(1), soon)}, []auth.Revocation{auth.Ban(person(1), late)}},
		"a token":                             {[]auth.Revocation{token(soon), token(late), token(soon)}, []auth.Revocation{token(late)}},
		"a token and a user":                  {[]auth.Revocation{token(auth.Forever), {TokenID: "u", Until: late}, {UserID: person(2), IssuedBefore: 1, Until: late}}, []auth.Revocation{token(auth.Forever), {TokenID: "u", Until: late}, {UserID: person(2), IssuedBefore: 1, Until: late}}},
	} {
		t.Run(name, func(t *testing.T) {
			postgrestest.Exec(t, url, "TRUNCATE revocations")
			for _, r := range tt.record {
				if err := d.Record(within(t), r); err != nil {
					t.Fatal(err)
				}
			}
			wantLoaded(t, d, now, tt.want...)
		})
	}
}

// TestMigrationProlongsRevocationsWithoutAnEnd: what an earlier version would have forgotten after 30 days holds now,
// and what somebody gave an end keeps it.
func TestMigrationProlongsRevocationsWithoutAnEnd(t *testing.T) {
	url := postgrestest.Database(t)
	d := migrated(t, url)
	postgrestest.Exec(t, url, "DELETE FROM momentum_migrations WHERE version = 3")
	postgrestest.Exec(t, url, "DROP INDEX revocations_of")
	now := time.Now()
	const month = 30 * 24 * 3600
	for id, until := range map[string]int64{"default": now.Unix() + month - 5, "stated": now.Unix() + month/2} {
		if err := d.Record(within(t), auth.Revocation{TokenID: id, Until: until}); err != nil {
			t.Fatal(err)
		}
	}
	ban := auth.Ban(person(1), now.Unix()+month)
	if err := d.Record(within(t), ban); err != nil {
		t.Fatal(err)
	}
	if taken, err := d.Migrate(within(t)); err != nil || len(taken) != 1 {
		t.Fatalf("took %v, error %v", taken, err)
	}
	wantLoaded(t, d, now, auth.Revocation{TokenID: "default", Until: auth.Forever}, auth.Revocation{TokenID: "stated", Until: now.Unix() + month/2}, ban)
}

func TestSenselessNotificationsArePassedOver(t *testing.T) {
	url := postgrestest.Database(t)
	d := migrated(t, url)
	n, _, l := watch(t, d)
	postgrestest.Exec(t, url, "SELECT pg_notify('momentum_users', 'everybody'), pg_notify('momentum_revocations', '{')")
	postgrestest.Exec(t, url, "SELECT pg_notify('momentum_users', $1)", person(1).String())
	if who := receive(t, n.shut, soon); who != person(1) || l.Healthy() != nil {
		t.Errorf("%v was shut out; the listener: %v", who, l.Healthy())
	}
}
