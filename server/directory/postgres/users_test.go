package postgres

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"momentum/internal/postgrestest"
	"momentum/server/auth"
	"momentum/server/directory"
)

func TestUsers(t *testing.T) {
	url := postgrestest.Database(t)
	fresh := open(t, Options{URL: url})
	_, err := fresh.List(within(t), uuid.Nil, 10)
	wants(t, err, "run momentum migrate")
	d := migrated(t, url)
	alice := directory.User{ID: auth.UserID("alice@example.com"), Username: "alice", Email: "Alice@Example.com", Standing: directory.Active}
	if err := d.Add(within(t), alice); err != nil {
		t.Fatal(err)
	}
	for name, twin := range map[string]directory.User{
		"same id":      {ID: alice.ID, Username: "x", Email: "x@example.com"},
		"same address": {ID: uuid.New(), Username: "x", Email: "aLICE@example.com"},
	} {
		if err := d.Add(within(t), twin); !errors.Is(err, ErrDuplicate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, who := range []string{"ALICE@example.com", alice.ID.String()} {
		for _, active := range []bool{false, true} {
			if id, err := d.SetActive(within(t), who, active); err != nil || id != alice.ID {
				t.Errorf("%s: %v, %v", who, id, err)
			}
			users, err := d.Lookup(within(t), []uuid.UUID{alice.ID})
			if err != nil || len(users) != 1 || (users[0].Standing == directory.Active) != active || users[0].Email != alice.Email {
				t.Errorf("%s set to %v: %v, %v", who, active, users, err)
			}
		}
	}
	for _, nobody := range []string{"bob@example.com", uuid.NewString()} {
		if _, err := d.SetActive(within(t), nobody, true); !errors.Is(err, ErrNoUser) {
			t.Errorf("%s: %v", nobody, err)
		}
	}
	populate(t, url, 25)
	seen := 0
	for after := uuid.Nil; ; {
		users, err := d.List(within(t), after, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(users) == 0 {
			break
		}
		seen += len(users)
		after = users[len(users)-1].ID
	}
	if seen != 26 {
		t.Errorf("listed %d users of 26", seen)
	}
	mapped := open(t, Options{URL: url, UsersQuery: ownUsers})
	if err := mapped.Add(within(t), alice); !errors.Is(err, ErrMapped) {
		t.Error(err)
	}
}

func TestUsersAreFoundAndRemoved(t *testing.T) {
	d := migrated(t, postgrestest.Database(t))
	alice := directory.User{ID: auth.UserID("alice@example.com"), Username: "alice", Email: "Alice@Example.com", Standing: directory.Inactive}
	if err := d.Add(within(t), alice); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"ALICE@example.com", alice.ID.String()} {
		if u, err := d.Find(within(t), who); err != nil || u != alice {
			t.Errorf("%s is %+v, %v", who, u, err)
		}
	}
	if u, err := d.Remove(within(t), "alice@EXAMPLE.com"); err != nil || u != alice {
		t.Errorf("removed %+v, %v", u, err)
	}
	if _, err := d.Remove(within(t), alice.ID.String()); !errors.Is(err, ErrNoUser) {
		t.Errorf("a second time: %v", err)
	}
}
