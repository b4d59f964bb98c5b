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
)

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
				t.Errorf("notified of %+v, recorded %+v", got, r)
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

// TestALiftDeletesWhatItNames, and every node is told.
func TestALiftDeletesWhatItNames(t *testing.T) {
	url := postgrestest.Database(t)
	d := migrated(t, url)
	here, _, _ := watch(t, d)
	now := time.Unix(1_800_000_000, 0)
	token := auth.Revocation{TokenID: `an "id"`, Until: now.Unix() + 60}
	tokens := auth.Revocation{UserID: person(2), IssuedBefore: now.Unix(), Until: math.MaxInt64}
	ban := auth.Ban(person(2), math.MaxInt64)
	for _, r := range []auth.Revocation{token, tokens, ban} {
		if err := d.Record(within(t), r); err != nil {
			t.Fatal(err)
		}
		receive(t, here.revoked, soon)
	}
	for _, r := range []auth.Revocation{ban, token} {
		if err := d.Lift(within(t), r); err != nil {
			t.Fatal(err)
		}
		if got, want := receive(t, here.revoked, soon), r; got.Until != -1 || got.Name() != want.Name() || got.IsBan() != want.IsBan() {
			t.Errorf("notified of %+v, lifted %+v", got, want)
		}
	}
	wantLoaded(t, d, now, tokens)
}

// wantLoaded checks the revocations that a node loads if it starts now.
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

// TestRecordKeepsOnlyRevocationsThatNoOtherCovers: otherwise each call would leave a row that never ends.
func TestRecordKeepsOnlyRevocationsThatNoOtherCovers(t *testing.T) {
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

// TestTheMigrationProlongsRevocationsWithoutAnEnd: revocations that an earlier version would drop after 30 days have
// no end now, and a revocation with an end keeps it.
func TestTheMigrationProlongsRevocationsWithoutAnEnd(t *testing.T) {
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
