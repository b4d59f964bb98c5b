package postgres

import (
	"testing"
	"time"

	"momentum/internal/postgrestest"
	"momentum/server/directory"
)

// soon is how long a change may take to have its effect.
const soon = time.Second

func TestChangesTakeEffectWithinASecond(t *testing.T) {
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
		if who := receive(t, n.deactivated, soon); who != person(tt.who) {
			t.Errorf("%s: %v was deactivated instead of %v", name, who, person(tt.who))
		}
		t.Logf("%s: %v, with a connection of its own", name, time.Since(start))
		if u, fresh := c.Recall(person(tt.who)); fresh && u.Standing == directory.Active {
			t.Errorf("%s: still recalled", name)
		}
	}

	u, err := ask(t, c, person(10), patience)
	if err != nil || u.Standing != directory.Unknown {
		t.Fatalf("%v, %v", u, err)
	}
	postgrestest.Exec(t, url, "INSERT INTO users VALUES ($1, 'new', 'new@example.com')", person(10).String())
	eventually(t, "a user who was added may connect", func() bool {
		u, err := ask(t, c, person(10), patience)
		return err == nil && u.Standing == directory.Active
	})

	n.online = append(n.online, person(5))
	postgrestest.Exec(t, url, "TRUNCATE users")
	if who := receive(t, n.deactivated, soon); who != person(5) {
		t.Errorf("%v was deactivated by TRUNCATE", who)
	}
}

func TestALostConnectionMissesNoChange(t *testing.T) {
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
	if who := receive(t, n.deactivated, soon); who != person(1) {
		t.Errorf("%v was deactivated", who)
	}
	if took := time.Since(start); took > soon {
		t.Errorf("it took %v with the listener's connection lost", took)
	}
	if err := l.Healthy(); err != nil {
		t.Error(err)
	}
	postgrestest.Exec(t, url, "UPDATE users SET active = false WHERE id = $1", person(2).String())
	eventually(t, "a later change is acted on", func() bool { return receive(t, n.deactivated, soon) == person(2) })
}

func TestTheListenerReconnects(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	url := server.Database(t)
	d := migrated(t, url)
	populate(t, url, 10)
	n, _, l := watch(t, d, person(1))
	for name, outage := range map[string][2]func(testing.TB){
		"stopped": {server.Stop, server.Restart},
		"paused":  {server.Pause, server.Resume}, // no connection breaks, so only a query finds out
	} {
		outage[0](t)
		eventually(t, name+": the listener notices", func() bool { return l.Healthy() != nil })
		outage[1](t)
		eventually(t, name+": the listener is back", func() bool { return l.Healthy() == nil })
		receive(t, n.missed, patience)
	}
	postgrestest.Exec(t, url, "DELETE FROM users WHERE id = $1", person(1).String())
	if who := receive(t, n.deactivated, patience); who != person(1) {
		t.Errorf("%v was deactivated", who)
	}
	server.Pause(t)
	start := time.Now()
	l.Close()
	d.Close()
	if took := time.Since(start); took > 2*closePatience+time.Second {
		t.Errorf("closing took %v with the database standing still", took)
	}
}

func TestInvalidNotificationsAreIgnored(t *testing.T) {
	url := postgrestest.Database(t)
	d := migrated(t, url)
	n, _, l := watch(t, d)
	postgrestest.Exec(t, url, "SELECT pg_notify('momentum_users', 'everybody'), pg_notify('momentum_revocations', '{')")
	postgrestest.Exec(t, url, "SELECT pg_notify('momentum_users', $1)", person(1).String())
	if who := receive(t, n.deactivated, soon); who != person(1) || l.Healthy() != nil {
		t.Errorf("%v was deactivated; the listener: %v", who, l.Healthy())
	}
}
