package auth

import (
	"testing"

	"github.com/google/uuid"
)

func TestALiftEndsWhatItNames(t *testing.T) {
	user := uuid.UUID{1}
	token := Revocation{TokenID: "t", Until: 100}
	tokens := Revocation{UserID: user, IssuedBefore: 50, Until: 90}
	ban := Ban(user, Forever)
	var r Revocations
	for _, v := range []Revocation{token, tokens, ban} {
		if _, err := r.Add(v, 10); err != nil {
			t.Fatal(err)
		}
	}
	c := Claims{UserID: user, ID: "t", IssuedAt: 40}
	if v := r.Check(&c, 10); !v.Revoked || v.BannedUntil != Forever {
		t.Fatalf("%+v", v)
	}
	if !r.Lift(ban, 10) || r.Lift(ban, 10) {
		t.Error("the ban is lifted twice, or not at all")
	}
	if v := r.Check(&c, 10); !v.Revoked || v.BannedUntil != 0 {
		t.Errorf("after the lift of the ban: %+v", v)
	}
	if !r.Lift(token, 10) || !r.Lift(tokens, 10) || r.Lift(tokens, 10) || r.Lift(Ban(uuid.UUID{9}, 1), 10) {
		t.Error("a revocation is lifted twice, or not at all")
	}
	if v := r.Check(&c, 10); v.Revoked || r.Count(10) != 0 {
		t.Errorf("after all lifts: %+v, %d in force", v, r.Count(10))
	}
}

// TestWhatALiftLeavesStillEnds: the ban had no end, so the queue did not have the user.
func TestWhatALiftLeavesStillEnds(t *testing.T) {
	var r Revocations
	user := uuid.UUID{1}
	_, _ = r.Add(Ban(user, Forever), 10)
	_, _ = r.Add(Revocation{UserID: user, IssuedBefore: 50, Until: 90}, 10)
	r.Lift(Ban(user, 0), 10)
	if r.Count(89) != 1 || r.Count(90) != 0 {
		t.Error("the revocation does not end at its end")
	}
	_, _ = r.Add(Ban(user, 200), 91)
	if r.Lift(Ban(user, 0), 200) {
		t.Error("a ban that has ended is lifted")
	}
}

func TestListsAreOrderedAndPaged(t *testing.T) {
	var r Revocations
	for i := range 5 {
		_, _ = r.Add(Ban(uuid.UUID{byte(5 - i)}, 100+int64(i)), 10)
	}
	for _, v := range []Revocation{{TokenID: "b", Until: 50}, {TokenID: "a", Until: 20}, {UserID: uuid.UUID{3}, IssuedBefore: 9, Until: Forever}} {
		_, _ = r.Add(v, 10)
	}
	after, seen := "", 0
	for {
		count, page := r.Bans(10, after, 2)
		if count != 5 {
			t.Fatalf("%d bans", count)
		}
		if len(page) == 0 {
			break
		}
		for _, b := range page {
			if seen++; b.UserID[0] != byte(seen) || !b.IsBan() || b.Until != 105-int64(seen) {
				t.Errorf("ban %d is %+v", seen, b)
			}
			after = b.Name()
		}
	}
	if count, page := r.Listed(20, "token/a", 9); seen != 5 || count != 2 || len(page) != 2 || page[0].TokenID != "b" || page[1].UserID != (uuid.UUID{3}) || page[1].IssuedBefore != 9 {
		t.Errorf("%d seen, %d listed: %+v", seen, count, page)
	}
}
