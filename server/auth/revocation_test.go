package auth

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
)

func TestRevocations(t *testing.T) {
	alice, bob := UserID("alice@example.com"), UserID("bob@example.com")
	of := func(user uuid.UUID, id string, issued int64) *Claims {
		return &Claims{UserID: user, ID: id, IssuedAt: issued}
	}
	for name, tt := range map[string]struct {
		in     []Revocation
		token  *Claims
		now    int64
		wanted Verdict
	}{
		"none":                             {nil, of(alice, "a", 5), 10, Verdict{}},
		"the token":                        {[]Revocation{{TokenID: "a", Until: 100}}, of(alice, "a", 5), 10, Verdict{Revoked: true}},
		"another token":                    {[]Revocation{{TokenID: "b", Until: 100}}, of(alice, "a", 5), 10, Verdict{}},
		"a token without an id":            {[]Revocation{{TokenID: "b", Until: 100}}, of(alice, "", 5), 10, Verdict{}},
		"the token, but it is over":        {[]Revocation{{TokenID: "a", Until: 10}}, of(alice, "a", 5), 10, Verdict{}},
		"issued before":                    {[]Revocation{{UserID: alice, IssuedBefore: 6, Until: 100}}, of(alice, "a", 5), 10, Verdict{Revoked: true}},
		"issued then":                      {[]Revocation{{UserID: alice, IssuedBefore: 5, Until: 100}}, of(alice, "a", 5), 10, Verdict{}},
		"issued nobody knows when":         {[]Revocation{{UserID: alice, IssuedBefore: 1, Until: 100}}, of(alice, "a", 0), 10, Verdict{Revoked: true}},
		"another user":                     {[]Revocation{{UserID: bob, IssuedBefore: 6, Until: 100}}, of(alice, "a", 5), 10, Verdict{}},
		"banned":                           {[]Revocation{Ban(alice, 11)}, of(alice, "a", 5), 10, Verdict{BannedUntil: 11}},
		"a ban that is over":               {[]Revocation{Ban(alice, 10)}, of(alice, "a", 5), 10, Verdict{}},
		"the longest ban counts":           {[]Revocation{Ban(alice, 20), Ban(alice, 11)}, of(alice, "a", 5), 10, Verdict{BannedUntil: 20}},
		"a ban leaves a revocation":        {[]Revocation{{UserID: alice, IssuedBefore: 6, Until: 100}, Ban(alice, 10)}, of(alice, "a", 5), 10, Verdict{Revoked: true}},
		"a revocation leaves a ban":        {[]Revocation{Ban(alice, 20), {UserID: alice, IssuedBefore: 3, Until: 100}}, of(alice, "a", 5), 10, Verdict{BannedUntil: 20}},
		"of two, the one that reaches far": {[]Revocation{{UserID: alice, IssuedBefore: 6, Until: 9}, {UserID: alice, IssuedBefore: 3, Until: 100}}, of(alice, "a", 5), 10, Verdict{Revoked: true}},
	} {
		t.Run(name, func(t *testing.T) {
			var set Revocations
			for _, r := range tt.in {
				if _, err := set.Add(r, 1); err != nil {
					t.Fatal(err)
				}
			}
			if got := set.Judge(tt.token, tt.now); got != tt.wanted {
				t.Errorf("got %+v, want %+v", got, tt.wanted)
			}
		})
	}
}

// TestRevocationsAreBounded fills the set: what is there may change, what is over makes room, and nothing else does.
func TestRevocationsAreBounded(t *testing.T) {
	var set Revocations
	for i := range int64(MaxRevocations) {
		if _, err := set.Add(Revocation{TokenID: fmt.Sprint(i), Until: 100 + i}, 1); err != nil {
			t.Fatal(err)
		}
	}
	one := Revocation{TokenID: "one more", Until: 1000}
	if _, err := set.Add(one, 1); err != ErrTooManyRevocations {
		t.Fatalf("one too many: %v", err)
	}
	if set.Judge(&Claims{ID: one.TokenID}, 1).Revoked {
		t.Error("it is in force all the same")
	}
	if _, err := set.Add(Revocation{TokenID: "7", Until: 1 << 40}, 1); err != nil {
		t.Errorf("one that is there already: %v", err)
	}
	if _, err := set.Add(one, 100); err != nil || !set.Judge(&Claims{ID: one.TokenID}, 100).Revoked {
		t.Errorf("one more when another is over: %v", err)
	}
	if left := set.Expire(1 << 39); left != 1 {
		t.Errorf("%d are left when all but one are over", left)
	}
}

// TestRevocationsForgetNobodyElse: an entry is dropped only when all that it says is over.
func TestRevocationsForgetNobodyElse(t *testing.T) {
	alice := UserID("alice@example.com")
	var set Revocations
	for _, r := range []Revocation{Ban(alice, 20), {UserID: alice, IssuedBefore: 6, Until: 100}} {
		if _, err := set.Add(r, 1); err != nil {
			t.Fatal(err)
		}
	}
	if left := set.Expire(50); left != 1 || !set.Judge(&Claims{UserID: alice}, 50).Revoked {
		t.Errorf("%d left; the revocation went with the ban", left)
	}
	if left := set.Expire(100); left != 0 {
		t.Errorf("%d left", left)
	}
}

func TestAnEmptySetIsAskedForNothing(t *testing.T) {
	var set Revocations
	c := &Claims{UserID: UserID("alice@example.com"), ID: "a"}
	if n := testing.AllocsPerRun(100, func() { set.Judge(c, 1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What is in force already is no news, so that nobody looks again for whom it would close.
func TestOnlyWhatChangesSomethingIsNews(t *testing.T) {
	var set Revocations
	user := uuid.UUID{1}
	for _, step := range []struct {
		r    Revocation
		news bool
	}{
		{Revocation{TokenID: "a", Until: 10}, true},
		{Revocation{TokenID: "a", Until: 9}, false},
		{Revocation{TokenID: "a", Until: 11}, true},
		{Revocation{UserID: user, IssuedBefore: 5, Until: 10}, true},
		{Revocation{UserID: user, IssuedBefore: 5, Until: 10}, false},
		{Revocation{UserID: user, IssuedBefore: 6, Until: 10}, true},
		{Ban(user, 10), true},
		{Ban(user, 10), false},
	} {
		if news, err := set.Add(step.r, 1); err != nil || news != step.news {
			t.Errorf("%+v: news %v, error %v", step.r, news, err)
		}
	}
}
